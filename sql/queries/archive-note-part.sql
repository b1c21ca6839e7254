-- Notes a file of a day. $1 day, $2 number, $3 calls and $4 checksum as they were read back, $5 bytes, $6 SHA-256,
-- $7 (in microseconds) and $8 the key of the last call.
select analytics.note_archived_part($1::date, $2, $3, $4::numeric, $5, $6, $7, $8::uuid)
