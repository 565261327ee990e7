//! Processors on which ONNX Runtime is known to measure wrongly.

use rustix::param::linux_hwcap;

/// Linux tells of SME (matrices of scalable size) by this bit of the second word of `AT_HWCAP2`.
const HWCAP2_SME: usize = 1 << 23;

/// Why the models must not run on this processor.
///
/// ONNX Runtime 1.24.4 has kernels of its own for ARM with SME (KleidiAI). In an emulation of such a
/// processor (QEMU 7.2) SFace's templates had nothing to do with those of Intel: cosine 0.08. On
/// emulated ARM processors without SME it was 0.9995 and more. Whether the library or the emulation
/// is wrong is not known, and who matches by noise lets strangers in. So nothing starts there.
pub(crate) fn flaw() -> Option<&'static str> {
    flaw_of(std::env::consts::ARCH, linux_hwcap().1)
}

fn flaw_of(architecture: &str, hwcap2: usize) -> Option<&'static str> {
    (architecture == "aarch64" && hwcap2 & HWCAP2_SME != 0)
        .then_some("it makes wrong templates on ARM processors with SME")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn matrices_of_scalable_size_are_refused_on_arm_alone() {
        assert!(flaw_of("aarch64", HWCAP2_SME | 1).is_some());
        assert_eq!(flaw_of("aarch64", !HWCAP2_SME), None);
        assert_eq!(flaw_of("x86_64", usize::MAX), None);
        assert_eq!(flaw(), None);
    }
}
