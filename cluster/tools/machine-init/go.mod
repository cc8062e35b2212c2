module kubevirt.local/cluster/tools/machine-init

go 1.26.0
