//! What a launcher pod needs beside the guest's own memory.
