// Names what deploy/admission builds: the real API server and the store that it needs.

//go:build tools

package admission

import (
	_ "go.etcd.io/etcd/server/v3"
	_ "k8s.io/kubernetes/cmd/kube-apiserver"
)
