SELECT t.tgname::text, pg_catalog.pg_get_triggerdef(t.oid), t.tgenabled <> 'D'
FROM pg_catalog.pg_trigger t
WHERE t.tgrelid = %s::pg_catalog.regclass AND NOT t.tgisinternal
ORDER BY t.tgname
