mod fixture;
mod printable;
mod properties;
mod table;
