/**
 * What the minimal system of a target offers to programs: its glibc and the shared libraries that are there before anything
 * is installed. Debian 12: glibc 2.36; libraries of the image in src/machines/images/blueprint.ts (minbase, systemd, openssh-server
 * and what they need), as `ls /usr/lib/x86_64-linux-gnu` shows them, without those that only their own package uses.
 */
import { systemImages, type Platform, type Target } from "./platform.ts";

export interface TargetFacts {
  /** version of the C library */
  glibc: string;
  /** loaders of programs, as programs name them */
  interpreters: readonly string[];
  /** sonames */
  libraries: readonly string[];
  /** programs in /bin and /usr/bin, which are one folder there, that scripts name as what runs them */
  scriptPrograms: readonly string[];
}

export const targetFacts: Record<Target, TargetFacts> = {
  "linux-x64/debian-12": {
    glibc: "2.36",
    interpreters: ["/lib64/ld-linux-x86-64.so.2"],
    libraries: [
      ...[
        "ld-linux-x86-64.so.2",
        "libBrokenLocale.so.1",
        "libanl.so.1",
        "libc.so.6",
        "libdl.so.2",
        "libm.so.6",
        "libmvec.so.1",
        "libpthread.so.0",
        "libresolv.so.2",
        "librt.so.1",
        "libthread_db.so.1",
        "libutil.so.1",
      ],
      ...["libgcc_s.so.1", "libstdc++.so.6"],
      ...[
        "libssl.so.3",
        "libcrypto.so.3",
        "libgnutls.so.30",
        "libnettle.so.8",
        "libhogweed.so.6",
        "libgcrypt.so.20",
        "libgpg-error.so.0",
        "libgmp.so.10",
        "libtasn1.so.6",
        "libp11-kit.so.0",
        "libidn2.so.0",
        "libunistring.so.2",
      ],
      ...["libz.so.1", "libbz2.so.1.0", "liblzma.so.5", "liblz4.so.1", "libzstd.so.1", "libxxhash.so.0"],
      ...[
        "libsystemd.so.0",
        "libudev.so.1",
        "libdbus-1.so.3",
        "libcap.so.2",
        "libseccomp.so.2",
        "libselinux.so.1",
        "libapparmor.so.1",
        "libpam.so.0",
        "libaudit.so.1",
        "libkmod.so.2",
      ],
      ...[
        "libacl.so.1",
        "libattr.so.1",
        "libblkid.so.1",
        "libmount.so.1",
        "libuuid.so.1",
        "libsmartcols.so.1",
        "libcrypt.so.1",
        "libexpat.so.1",
        "libffi.so.8",
        "libelf.so.1",
        "libpcre2-8.so.0",
        "libjson-c.so.5",
      ],
      ...[
        "libgssapi_krb5.so.2",
        "libkrb5.so.3",
        "libk5crypto.so.3",
        "libcom_err.so.2",
        "libkeyutils.so.1",
        "libtirpc.so.3",
        "libnsl.so.2",
      ],
      ...["libncursesw.so.6", "libtinfo.so.6", "libedit.so.2"],
    ],
    scriptPrograms: [
      "sh",
      "dash",
      "bash",
      "rbash",
      "env",
      "perl",
      "awk",
      "mawk",
      "nawk",
      "sed",
      "cat",
      "true",
      "false",
    ],
  },
};

/** Targets that a platform's archives are proven on. */
export function targetsOf(platform: Platform): Target[] {
  const images: Partial<Record<Platform, readonly string[]>> = systemImages;
  return (images[platform] ?? []).map((image) => `${platform}/${image}` as Target);
}
