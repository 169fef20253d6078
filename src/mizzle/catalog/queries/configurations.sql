-- Text search configurations, with what they do with each type of token.
SELECT n.nspname, c.cfgname, quote_ident(pn.nspname) || '.' || quote_ident(p.prsname),
       ARRAY(
         SELECT ARRAY[k.alias, string_agg(quote_ident(dn.nspname) || '.' || quote_ident(d.dictname), ', ' ORDER BY m.mapseqno)]
         FROM pg_ts_config_map m
         JOIN ts_token_type(c.cfgparser) k ON k.tokid = m.maptokentype
         JOIN pg_ts_dict d ON d.oid = m.mapdict
         JOIN pg_namespace dn ON dn.oid = d.dictnamespace
         WHERE m.mapcfg = c.oid
         GROUP BY k.alias
         ORDER BY k.alias COLLATE "C"
       ),
       obj_description(c.oid, 'pg_ts_config'), ARRAY['pg_ts_config'::regclass::oid, c.oid]
FROM pg_ts_config c
JOIN pg_namespace n ON n.oid = c.cfgnamespace
JOIN pg_ts_parser p ON p.oid = c.cfgparser
JOIN pg_namespace pn ON pn.oid = p.prsnamespace
WHERE n.nspname NOT LIKE 'pg\_%%'
  AND n.nspname <> 'information_schema'
  AND (%(schemas)s::text[] IS NULL OR n.nspname = ANY (%(schemas)s))
  AND n.nspname <> ALL (%(exclude)s)
  AND NOT EXISTS (
    SELECT FROM pg_depend e WHERE e.classid = 'pg_ts_config'::regclass AND e.objid = c.oid AND e.deptype = 'e'
  )
