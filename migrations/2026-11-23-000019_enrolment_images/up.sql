-- Pictures of enrolled faces, sealed by the key of their owner, where an operator keeps them to embed
-- them anew with another matcher. Empty unless retention.enrolment_image_days is set.
CREATE TABLE enrolment_images (
    id uuid NOT NULL CONSTRAINT enrolment_images_pkey PRIMARY KEY,
    user_id uuid NOT NULL,
    template_id uuid NOT NULL,
    key_id text NOT NULL,
    sealed bytea NOT NULL,
    created_at timestamptz NOT NULL,
    CONSTRAINT enrolment_images_user_fkey FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE,
    CONSTRAINT enrolment_images_template_fkey
        FOREIGN KEY (template_id) REFERENCES templates (id) ON DELETE CASCADE,
    CONSTRAINT enrolment_images_template_unique UNIQUE (template_id),
    -- Version, nonce, at most a face of 320 pixels as a JPEG, tag.
    CONSTRAINT enrolment_images_sealed_length CHECK (octet_length(sealed) BETWEEN 30 AND 1000000)
);

CREATE INDEX enrolment_images_user_idx ON enrolment_images (user_id);

-- Images that have been kept for long enough.
CREATE INDEX enrolment_images_created_idx ON enrolment_images (created_at);
