mod fixture;
mod printable;
mod properties;
mod restart;
mod table;
mod volumes;
