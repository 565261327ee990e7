//! How sure a sign-in is.

/// What a successful verification has shown; becomes `acr` and `amr` of the token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Assurance {
    /// A single image matched. Says nothing about a living person being there.
    Face,
    /// A living person did what was asked without turning the head, because they cannot:
    /// the depth of the head was not shown.
    FaceLivenessReduced,
    /// A living person did what was asked, and one motion showed the depth of the head.
    FaceLiveness,
}

impl Assurance {
    /// Every assurance, weakest first.
    pub const ALL: [Self; 3] = [Self::Face, Self::FaceLivenessReduced, Self::FaceLiveness];

    /// The word that stands for it in `acr` and in rows.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Face => "face",
            Self::FaceLivenessReduced => "face-liveness-reduced",
            Self::FaceLiveness => "face-liveness",
        }
    }
}
