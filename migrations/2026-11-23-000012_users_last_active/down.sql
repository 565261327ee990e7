DROP INDEX users_last_active_idx;
