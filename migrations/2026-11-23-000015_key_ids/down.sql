DROP INDEX templates_key_idx;
