-- A constraint that was validated stays so until it is dropped.
SELECT 1;
