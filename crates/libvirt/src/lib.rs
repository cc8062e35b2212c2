//! Safe asynchronous libvirt client.
