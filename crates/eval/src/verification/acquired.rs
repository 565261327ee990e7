//! What becomes of a picture.

use faceauth_domain::embedding::Embedding;

/// What became of a picture.
#[derive(Debug, Clone)]
pub enum Acquired {
    /// The face on it.
    Face(Embedding),
    /// None that the service would take (failure to acquire), and why: codes of the API.
    Failed(Vec<String>),
}

impl Acquired {
    /// The embedding, if there is one.
    #[must_use]
    pub fn embedding(&self) -> Option<&Embedding> {
        match self {
            Self::Face(embedding) => Some(embedding),
            Self::Failed(_) => None,
        }
    }
}
