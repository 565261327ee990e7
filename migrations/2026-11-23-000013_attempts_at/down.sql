DROP INDEX attempts_at_idx;
