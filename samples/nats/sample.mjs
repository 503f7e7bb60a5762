/** What the sample is made of. The module versions themselves are pinned by go.mod and go.sum beside this file. */
export const sample = {
  product: "nats",
  version: "2.11.4",
  repository: "https://github.com/nats-io/nats-server",
  /** by key of the product's binaries; the first one gives the candidate its version, licence and date */
  binaries: {
    "nats-server": {
      module: "github.com/nats-io/nats-server/v2",
      package: "github.com/nats-io/nats-server/v2",
      version: "2.11.4",
      ldflags: "-s -w",
    },
    nats: {
      module: "github.com/nats-io/natscli",
      package: "github.com/nats-io/natscli/nats",
      version: "0.1.6",
      ldflags: "-s -w -X main.version=0.1.6",
    },
  },
  /** Greenlight's platform → Go's; the lowest processor level of each, so that the binaries run everywhere */
  platforms: {
    "linux-x64": { GOOS: "linux", GOARCH: "amd64", GOAMD64: "v1" },
    "linux-arm64": { GOOS: "linux", GOARCH: "arm64", GOARM64: "v8.0" },
    "windows-x64": { GOOS: "windows", GOARCH: "amd64", GOAMD64: "v1" },
    "macos-arm64": { GOOS: "darwin", GOARCH: "arm64", GOARM64: "v8.0" },
    "macos-x64": { GOOS: "darwin", GOARCH: "amd64", GOAMD64: "v1" },
  },
};

/** Further files of every platform, by their path in the archive. */
export const noticesFile = "THIRD-PARTY-LICENSES.txt";
