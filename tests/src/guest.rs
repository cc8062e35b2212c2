//! Manifests of test machines. Plain text with a few choices: what stands here is what a user would write.

/// The small test guest: user root, password guest, a web server on port 80 that answers with its host name.
#[derive(Clone, Debug)]
pub struct Guest {
    name: String,
    run_strategy: String,
    image: String,
    memory: String,
    interface: String,
    user_data: String,
    disks: String,
    volumes: String,
    extra: String,
    grace: Option<u32>,
}

impl Guest {
    /// A guest with masquerade network that runs at once.
    pub fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            run_strategy: "Always".to_owned(),
            image: image("guest"),
            memory: "128Mi".to_owned(),
            interface: "masquerade".to_owned(),
            user_data: "#!/bin/sh\necho ready >/tmp/user-data-ran\n".to_owned(),
            disks: String::new(),
            volumes: String::new(),
            extra: String::new(),
            grace: None,
        }
    }

    /// Always, Halted, Manual, RerunOnFailure or Once.
    #[must_use]
    pub fn run_strategy(mut self, strategy: &str) -> Self {
        self.run_strategy = strategy.to_owned();
        self
    }

    /// Another containerDisk.
    #[must_use]
    pub fn image(mut self, name: &str, memory: &str) -> Self {
        self.image = image(name);
        self.memory = memory.to_owned();
        self
    }

    /// Bridge binding instead of masquerade.
    #[must_use]
    pub fn bridge(mut self) -> Self {
        self.interface = "bridge".to_owned();
        self
    }

    /// The cloud-init user-data.
    #[must_use]
    pub fn user_data(mut self, text: &str) -> Self {
        self.user_data = text.to_owned();
        self
    }

    /// A further disk: its bus and the source of its volume, as one line of YAML each.
    #[must_use]
    pub fn disk(mut self, name: &str, bus: &str, source: &str) -> Self {
        self.disks.push_str(&format!(
            "          - {{name: {name}, disk: {{bus: {bus}}}}}\n"
        ));
        self.volumes
            .push_str(&format!("      - {{name: {name}, {source}}}\n"));
        self
    }

    /// The node that it must run on.
    #[must_use]
    pub fn on_node(mut self, node: &str) -> Self {
        self.extra.push_str(&format!(
            "      nodeSelector: {{kubernetes.io/hostname: {node}}}\n"
        ));
        self
    }

    /// Seconds that the guest has to shut down.
    #[must_use]
    pub fn grace(mut self, seconds: u32) -> Self {
        self.grace = Some(seconds);
        self
    }

    /// The manifest of the VirtualMachine.
    pub fn vm(&self) -> String {
        let user_data = self
            .user_data
            .lines()
            .map(|line| format!("            {line}\n"))
            .collect::<String>();
        let grace = self.grace.map_or_else(String::new, |seconds| {
            format!("      terminationGracePeriodSeconds: {seconds}\n")
        });
        format!(
            "\
apiVersion: kubevirt.io/v1
kind: VirtualMachine
metadata:
  name: {name}
spec:
  runStrategy: {strategy}
  template:
    metadata:
      labels: {{kubevirt.io/vm: {name}}}
    spec:
{grace}{extra}      domain:
        devices:
          disks:
          - {{name: root, disk: {{bus: virtio}}}}
          - {{name: cloudinit, disk: {{bus: virtio}}}}
{disks}          interfaces:
          - {{name: default, {interface}: {{}}}}
        resources:
          requests: {{memory: {memory}}}
      networks:
      - {{name: default, pod: {{}}}}
      volumes:
      - {{name: root, containerDisk: {{image: \"{image}\", imagePullPolicy: Always}}}}
      - name: cloudinit
        cloudInitNoCloud:
          userData: |
{user_data}{volumes}",
            name = self.name,
            strategy = self.run_strategy,
            extra = self.extra,
            disks = self.disks,
            interface = self.interface,
            memory = self.memory,
            image = self.image,
            volumes = self.volumes,
        )
    }
}

/// A test image in the registry that the nodes pull from: `REGISTRY`, where `cluster/sync.sh` pushed to, or the local one.
pub fn image(name: &str) -> String {
    let registry =
        std::env::var("REGISTRY").unwrap_or_else(|_| "registry:5000/kubevirt".to_owned());
    format!("{registry}/{name}:devel")
}
