DROP FUNCTION partition_locks(text);
DROP FUNCTION partition_grants(text, text);
DROP FUNCTION partitions_refuse_ctid();
DROP FUNCTION partitions_drop(text, timestamptz);
DROP FUNCTION partitions_make(text, timestamptz, timestamptz);
DROP FUNCTION partition_first_ends(text);
DROP FUNCTION partition_length(text);
