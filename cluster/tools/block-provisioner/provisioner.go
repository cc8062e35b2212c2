package main

import (
	"context"
	"fmt"
	"path/filepath"

	core "k8s.io/api/core/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/sig-storage-lib-external-provisioner/v13/controller"
)

type provisioner struct {
	devices    *devices
	nodeFolder string
}

func (p *provisioner) SupportsBlock(context.Context) bool { return true }

func (p *provisioner) Provision(_ context.Context, options controller.ProvisionOptions) (*core.PersistentVolume, controller.ProvisioningState, error) {
	claim := options.PVC
	if claim.Spec.VolumeMode == nil || *claim.Spec.VolumeMode != core.PersistentVolumeBlock {
		return nil, controller.ProvisioningFinished,
			fmt.Errorf("storage class %s makes raw devices: set spec.volumeMode to Block, or use another class", options.StorageClass.Name)
	}
	size := claim.Spec.Resources.Requests[core.ResourceStorage]
	if err := p.devices.create(options.PVName, size.Value()); err != nil {
		return nil, controller.ProvisioningFinished, err
	}
	return &core.PersistentVolume{
		ObjectMeta: meta.ObjectMeta{Name: options.PVName},
		Spec: core.PersistentVolumeSpec{
			PersistentVolumeReclaimPolicy: *options.StorageClass.ReclaimPolicy,
			AccessModes:                   claim.Spec.AccessModes,
			VolumeMode:                    claim.Spec.VolumeMode,
			Capacity:                      core.ResourceList{core.ResourceStorage: size},
			PersistentVolumeSource: core.PersistentVolumeSource{
				Local: &core.LocalVolumeSource{Path: filepath.Join(p.nodeFolder, options.PVName)},
			},
			NodeAffinity: everyNode(),
		},
	}, controller.ProvisioningFinished, nil
}

func (p *provisioner) Delete(_ context.Context, volume *core.PersistentVolume) error {
	return p.devices.remove(volume.Name)
}

// everyNode: volumes of kind "local" must name their nodes.
func everyNode() *core.VolumeNodeAffinity {
	return &core.VolumeNodeAffinity{Required: &core.NodeSelector{NodeSelectorTerms: []core.NodeSelectorTerm{{
		MatchExpressions: []core.NodeSelectorRequirement{{Key: core.LabelOSStable, Operator: core.NodeSelectorOpIn, Values: []string{"linux"}}},
	}}}}
}
