// block-provisioner serves the local cluster's StorageClass "block": raw block volumes, each a loop device over a
// sparse file, that every node reaches, as the nodes share this computer's kernel and disk.
//
//	block-provisioner KUBECONFIG FOLDER NODE-FOLDER
//
// FOLDER holds NAME.img (the data) and NAME (a device node for its loop device); nodes see it as NODE-FOLDER. The
// device nodes are made anew at each start, since loop devices get other numbers after a reboot.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"
	"sigs.k8s.io/sig-storage-lib-external-provisioner/v13/controller"
)

const provisionerName = "kubevirt.local/block"

func main() {
	if len(os.Args) != 4 {
		fmt.Fprintln(os.Stderr, "usage: block-provisioner KUBECONFIG FOLDER NODE-FOLDER")
		os.Exit(2)
	}
	if err := serve(os.Args[1], os.Args[2], os.Args[3]); err != nil {
		fmt.Fprintln(os.Stderr, "block-provisioner:", err)
		os.Exit(1)
	}
}

func serve(kubeconfig, folder, nodeFolder string) error {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	devices, err := openDevices(folder)
	if err != nil {
		return err
	}
	config, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
	if err != nil {
		return err
	}
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return err
	}
	controller.NewProvisionController(ctx, client, provisionerName,
		&provisioner{devices: devices, nodeFolder: nodeFolder}, controller.LeaderElection(false)).Run(ctx)
	return nil
}
