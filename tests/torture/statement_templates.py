"""Templates of the statement mix by kind; blanks.py says what stands for `${...}`.

Every answer has one order and one value on a correct server: queries end in a total order, updates meet a row
once, and no statement has two errors to choose from.
"""

from __future__ import annotations

TABLES = ("mixed", "archive", "labels", "categories")

SCHEMA = (
    'create table mixed (id int primary key, cat int, name text collate "C", tags text[], j jsonb, ts timestamp,'
    " live bool default true, score float8, price numeric(8,2) check (price >= 0), v vector(6), w vector(3))",
    "create table archive (id int primary key, cat int not null, v vector(6))",
    'create table labels (cat int, label text collate "C")',
    'create table categories (cat int primary key, title text collate "C", center vector(6))',
    "insert into labels values (1, 'one'), (2, 'two'), (2, 'zwei'), (null, 'nil'), (50, 'fifty')",
    "insert into categories values (0, 'zero', '${vector}'), (1, 'one', '${vector}'), (2, 'two', '${vector}'),"
    " (3, 'three', null), (9, 'nine', '${vector}')",
    "create view kept as select id, cat + 1 as next_cat, upper(left(name, 1)) as first, tags, j, v from mixed"
    " where cat is null or cat <> 3",
)

# Around one search: its rows are joined, grouped, numbered.
NESTED = {
    "cte join": "with n as (${search}) select n.id, l.label from n left join labels l using (cat) order by n.id, l.label",
    "cte materialized": "with n as materialized (${search}) select id, cat from n where cat > 2 order by id",
    "two ctes": "with a as (${search}), b as (${search}) select a.id, b.id, a.cat from a full join b on a.id = b.id"
    " order by a.id nulls first, b.id nulls first",
    "cte read twice": "with n as (${search}) select a.id, count(b.id) from n a left join n b on b.cat = a.cat and b.id < a.id"
    " group by a.id order by a.id",
    "group by": "select cat, count(*), min(d), max(d) from (${search}) n group by cat order by cat",
    "having": "select cat, count(*) from (${search}) n group by cat having count(*) > 1 order by count(*) desc, cat",
    "rollup": "select cat, live, count(*), grouping(cat, live) from (${search}) n group by rollup (cat, live)"
    " order by 4, cat, live",
    "grouping sets": "select cat, name, sum(id) from (${search}) n group by grouping sets ((cat), (name), ())"
    " order by cat, name, sum(id)",
    "aggregates": "select count(*), count(cat), count(distinct cat), sum(id), avg(score), min(price), max(name),"
    " bool_and(live), array_agg(id order by id), string_agg(name, ',' order by name, id),"
    " percentile_disc(0.5) within group (order by id) from (${search}) n",
    "filtered aggregates": "select count(*) filter (where cat > 3), sum(id) filter (where live), array_agg(cat order by id)"
    " filter (where cat is not null) from (${search}) n",
    "vector aggregates": "select avg(v), count(v), max(vector_dims(v)) from (${search}) n",
    "numbered": "select id, row_number() over (partition by cat order by id), rank() over (order by cat nulls first),"
    " dense_rank() over (order by cat desc), sum(id) over (order by id rows between 2 preceding and current row)"
    " from (${search}) n order by id",
    "window over distance": "select id, lag(id) over (order by d, id), first_value(id) over (order by d desc, id)"
    " from (${search}) n order by id",
    "window range": "select id, count(*) over (order by cat range between 1 preceding and 1 following), ntile(3) over (order by id)"
    " from (${search}) n order by id",
    "window over groups": "select cat, count(*), rank() over (order by count(*) desc, cat), sum(count(*)) over ()"
    " from (${search}) n group by cat order by cat",
    "named window": "select id, sum(price) over w, count(*) over (w rows unbounded preceding) from (${search}) n"
    " window w as (partition by live order by id) order by id",
    "top of each window": "select id, cat from (select id, cat, row_number() over (partition by cat order by id desc) as r"
    " from (${search}) n) o where r = 1 order by id",
    "distinct": "select distinct cat, live from (${search}) n order by cat, live",
    "distinct on": "select distinct on (cat) cat, id from (${search}) n order by cat, d, id",
    "union": "select id from (${search}) a union select id from (${search}) b order by id",
    "union all": "select id, 1 as side from (${search}) a union all select id, 2 from (${search}) b order by id, side",
    "except": "select id from (${search}) a except select id from mixed where ${where} order by id",
    "intersect": "select id from (${search}) a intersect select id from mixed where ${where} order by id",
    "in": "select count(*), sum(id) from mixed where id in (select id from (${search}) n)",
    "not in": "select count(*), sum(id) from mixed where ${where} and id not in (select id from (${search}) n)",
    "exists": "select cat, title from categories c where exists (select 1 from (${search}) n where n.cat = c.cat) order by cat",
    "any array": "select id, cat from mixed where id = any (array(select id from (${search}) n)) order by id",
    "filter above": "select id from (${search}) n where ${where} order by d, id",
    "order above": "select id, cat, name from (${search}) n order by cat desc nulls last, name nulls first, id limit 5",
    "case": "select id, case when cat is null then 'none' when cat < 5 then 'low' else 'high' end, coalesce(name, '-')"
    " from (${search}) n order by id",
    "unnest": "select id, t from (${search}) n, unnest(tags) as t order by id, t",
    "documents": "select j ->> 'k', count(*) from (${search}) n group by 1 order by 1",
    "distance to centers": "select c.cat, count(n.id), min(n.v <-> c.center) from categories c left join (${search}) n"
    " on n.cat = c.cat group by c.cat order by c.cat",
}

# Searches in other places, and queries without any.
QUERIES = {
    "search of a view": "select id from kept where next_cat > ${digit} order by v ${operator:o} '${vector:q}', id limit 10",
    "search of a view by text": "select id, next_cat from kept where first = 'A' or tags is null"
    " order by v ${operator:o} '${vector:q}', id limit 10 offset ${digit}",
    "search of a join": "select m.id, l.label from mixed m join labels l on l.cat = m.cat where ${m_where}"
    " order by m.v ${operator:o} '${vector:q}', m.id, l.label limit 10",
    "search of a left join": "select m.id, l.label from mixed m left join labels l on l.cat = m.cat and l.label <> ${label}"
    " where ${m_where} order by m.v ${operator:o} '${vector:q}', m.id, l.label limit 10",
    "search of a union": "select id, side from (select id, v, 1 as side from mixed where ${where} union all"
    " select id, v, 2 from archive) u order by v ${operator:o} '${vector:q}', id, side limit 10",
    "search of the archive": "select id, cat from archive where cat <> ${digit}"
    " order by v ${operator:o} '${vector:q}', id limit 10",
    "search by the short vector": "select id from mixed where ${where} order by w ${operator:o} '${short_vector:q}', id limit 10",
    "lateral": "select c.cat, n.id from categories c cross join lateral (select id from mixed m where m.cat = c.cat"
    " order by m.v ${operator:o} '${vector:q}', m.id limit 3) n order by 1, 2",
    "lateral to centers": "select c.cat, n.id from categories c left join lateral (select id from mixed m where ${m_where}"
    " order by m.v <-> c.center, m.id limit 2) n on true where c.center is not null order by 1, 2",
    "scalar search": "select c.cat, (select m.id from mixed m where m.cat = c.cat order by m.v ${operator:o} '${vector:q}', m.id limit 1)"
    " from categories c order by c.cat",
    "recursive": "with recursive r (n) as (select 1 union all select n + 1 from r where n < 5) select n, (select id from mixed"
    " where cat = n order by v ${operator:o} '${vector:q}', id limit 1) from r order by n",
    "radius": "select id from mixed where v ${operator} '${vector}' < ${radius} and ${where} order by id",
    "radius in order": "select id, v <-> '${vector:q}' as d from mixed where v <-> '${vector:q}' < 2.5 and ${where}"
    " order by v <-> '${vector:q}', id limit 20",
    "radius between": "select count(*) from mixed where v <-> '${vector:q}' between 1.1 and 3.3 and ${where}",
    "farthest": "select id from mixed where v is not null and ${where} order by v ${operator:o} '${vector:q}' desc, id limit 10",
    "neighbours of a row": "select b.id from mixed a join mixed b on b.id <> a.id where a.id = ${id} and ${b_where}"
    " order by a.v <-> b.v, b.id limit 5",
    "distances by group": "select cat, min(v <-> '${vector:q}'), max(v <=> '${vector:q}') from mixed where ${where}"
    " group by cat order by cat",
    "counts": "select cat, count(*), count(v), sum(id), min(name) from mixed where ${where} group by cat order by cat",
    "having counts": "select name, count(*) from mixed where ${where} group by name having count(*) > ${digit} order by name",
    "exact sums": "select count(*), sum(price), min(score), max(ts), bool_or(live) from mixed where ${where}",
    "vector expressions": "select id, v + '${vector}', v - '${vector}', vector_norm(v), l2_normalize(v), subvector(v, 2, 3),"
    " inner_product(v, '${vector}') from mixed where ${where} order by id limit 5",
    "vector comparison": "select count(*) from mixed where v > '${vector}' and ${where}",
    "equal vectors": "select count(*), count(distinct v) from mixed where ${where}",
    "documents of all": "select j -> 'k', count(*) from mixed where j is not null and ${where} group by 1 order by 2, 1",
    "tags of all": "select t, count(*) from mixed, unnest(tags) as t where ${where} group by t order by t",
    "short vectors": "select w, count(*) from mixed where w is not null and ${where} group by w order by w limit 5",
    "some rows": "select * from mixed where ${where} order by id limit 20",
    "whole table": "select * from mixed order by id",
    "whole archive": "select * from archive order by id",
    "indexes": "select tablename, count(*) from pg_indexes where tablename in ('mixed', 'archive') group by 1 order by 1",
    "columns": "select column_name, data_type, is_nullable from information_schema.columns where table_name = 'mixed'"
    " order by ordinal_position",
}

CHANGES = {
    "insert rows": "insert into mixed values ${rows}",
    "insert defaults": "insert into mixed (id, v) values (${fresh}, '${vector}'), (${fresh}, null)",
    "insert returning": "insert into mixed (id, cat, v) values (${fresh}, ${digit}, '${vector}')"
    " returning id, cat, live, v <-> '${vector}'",
    "insert select": "insert into mixed select id + 10000 + ${fresh} * 100000, cat, name, tags, j, ts, live, score, price, v, w"
    " from mixed where ${where} and id between ${id:a} and ${id:a} + 15",
    "insert cte": "insert into archive with n as (select id, cat, v from mixed where id < ${id} and id % ${modulus} = 1 and cat is not null)"
    " select * from n on conflict do nothing",
    "archive select": "insert into archive select id, coalesce(cat, -1), v from mixed where id % ${modulus} = 5"
    " on conflict (id) do update set cat = excluded.cat, v = excluded.v",
    "upsert rows": "insert into archive values (${id:a}, ${digit}, '${vector}'), (${id:a} + 1, ${digit}, null),"
    " (${id:a} + 2, ${digit}, '${vector}') on conflict (id) do update set cat = archive.cat + 1, v = excluded.v"
    " returning id, cat",
    "upsert where": "insert into archive values (${id:a}, 1, '${vector}'), (${id:a} + 3, 2, '${vector}') on conflict (id)"
    " do update set v = archive.v + excluded.v where archive.cat < 5",
    "upsert nothing": "insert into mixed (id, cat) values (${id:a}, 1), (${id:a} + 1, 2), (${fresh}, 3) on conflict do nothing",
    "upsert select": "insert into mixed select id - 40 * ${digit:n}, 5, 'abc', tags, j, ts, live, score, price, v, w from mixed"
    " where id between ${id:a} and ${id:a} + 20 on conflict (id) do update set v = excluded.v, cat = mixed.cat + 1",
    "delete": "delete from mixed where id % ${modulus} = 3",
    "delete where": "delete from mixed where ${where} and id % 11 = ${digit}",
    "delete returning": "delete from archive where id % ${modulus} = 2 and cat = ${digit} returning cat",
    "delete using": "delete from mixed m using categories c where c.cat = m.cat and c.title = 'two' and m.id % ${modulus} = 1",
    "delete using labels": "delete from archive using labels l, categories c where l.cat = archive.cat and c.cat = l.cat"
    " and archive.id % ${few} = 0",
    "delete in": "delete from archive where id in (select id from mixed where ${where})",
    "update vectors": "update mixed set v = v + '${vector}' where id % ${modulus} = 2",
    "update vector away": "update mixed set v = null where id % 97 = ${modulus}",
    "update vector": "update mixed set v = '${vector}', w = '${short_vector}' where id = ${id}",
    "update where": "update mixed set cat = ${digit} where ${where}",
    "update columns": "update mixed set score = score / 2, price = price + 0.5, name = name || 'x', tags = array_append(tags, 'n')"
    " where ${where} and id % 13 = ${digit}",
    "update document": """update mixed set j = j || '{"k": ${digit}}' where jsonb_typeof(j) = 'object' and id % ${modulus} = 4""",
    "update keys": "update mixed set id = -id - 1 where id % 53 = ${modulus} and id > 0",
    "update keys up": "update archive set id = id + 1000000 where id < 1000000 and id % ${modulus} = 1",
    "update from": "update mixed m set cat = c.cat + 1, v = c.center from categories c where c.cat = m.cat and m.id % ${modulus} = 6",
    "update from archive": "update mixed set v = a.v, cat = a.cat from archive a where a.id = mixed.id and a.cat <> ${digit}",
    "update from select": "update mixed m set score = s.n from (select cat, count(*) as n from mixed group by cat) s"
    " where s.cat = m.cat and m.id % ${modulus} = 0",
    "update returning": "update mixed set live = not live where id = ${id} returning id, cat, live, v",
    "update default": "update mixed set live = default, cat = default where id % ${modulus} = 8",
    "update row": "update mixed set (cat, score) = (${digit}, 0.5) where id between ${id:a} and ${id:a} + 3",
    "update scalar": "update mixed set cat = (select max(l.cat) from labels l where l.cat <= mixed.cat) where id % ${modulus} = 9",
    "lock rows": "select id from mixed where ${where} order by v <-> '${vector:q}', id limit 5 for update",
    "update centers": "update categories set center = '${vector}' where cat = ${digit}",
}

# Only where no distance is rounded: one near tie and the tables differ for good.
SEARCHED_CHANGES = {
    "delete nearest": "delete from mixed where id in (select id from (${search_on_grid}) n)",
    "update nearest": "update mixed set cat = ${digit} where id in (select id from (${search_on_grid}) n)",
    "archive nearest": "insert into archive select id, coalesce(cat, 0), v from (${search_on_grid}) n on conflict (id) do nothing",
    "update radius": "update mixed set score = v <-> '${vector:q}' where v <-> '${vector:q}' < 2.5",
    "update averages": "update categories c set center = (select avg(v) from mixed m where m.id = ${id} and m.v is not null)"
    " where cat = ${digit}",
}

FAULTS = {
    "taken key": "insert into mixed (id, v) values (${fresh}, '${vector}'), (-900000, '${vector}'), (-900000, '${vector}')",
    "taken key by update": "update categories set cat = 1",
    "null key": "insert into mixed (cat) values (1)",
    "not null": "insert into archive values (${fresh}, 1, null), (${fresh}, null, '${vector}')",
    "not null by update": "update archive set cat = null",
    "check": "insert into mixed (id, price) values (${fresh}, -1)",
    "check by update": "update mixed set price = -price - 1",
    "too precise": "insert into mixed (id, price) values (${fresh}, 12345678)",
    "short vector": "insert into mixed (id, v) values (${fresh}, '${short_vector}')",
    "short query": "select id from mixed order by v <-> '${short_vector}' limit 3",
    "short column": "select id from mixed where v is not null and w is not null order by v <-> w limit 3",
    "no vector": "select id from mixed order by v <-> '[1,2' limit 3",
    "not a number": "insert into mixed (id, v) values (${fresh}, '[1,2,3,4,5,NaN]')",
    "division": "select 1 / (cat - cat) from mixed where cat is not null",
    "division by update": "update mixed set cat = 1 / (cat - cat) where cat is not null",
    "number": "select id from mixed where cat = 'x'",
    "column": "select nothing from mixed",
    "column of order": "select id from mixed order by nothing <-> '${vector}' limit 1",
    "table": "select * from nothing",
    "ambiguous": "select cat from mixed m join labels l on l.cat = m.cat",
    "operator": "select id from mixed order by name <-> '${vector}' limit 1",
    "function": "select nothing(v) from mixed",
    "limit": "select id from mixed order by v <-> '${vector}' limit -1",
    "offset": "select id from mixed order by v <-> '${vector}' limit 1 offset -1",
    "scalar": "select (select cat from labels)",
    "upsert twice": "insert into archive values (7, 1, '${vector}'), (7, 2, '${vector}') on conflict (id) do update set cat = excluded.cat",
    "upsert without key": "insert into labels values (1, 'x') on conflict (cat) do update set label = 'y'",
    "too many values": "insert into archive values (${fresh}, 1, '${vector}', 4)",
    "group": "select id, count(*) from archive group by cat",
    "aggregate in where": "select id from mixed where count(*) > 1",
    "duplicate table": "create table archive (id int)",
    "duplicate column": "alter table mixed add column cat int",
    "missing column": "alter table mixed drop column nothing",
    "needed by view": "drop table mixed",
    "column needed by view": "alter table mixed drop column tags",
    "not a view": "drop view mixed",
    "savepoint": "rollback to nothing",
    "syntax": "selec id from mixed",
    "setting": "set sqlvec_nothing = 1",
    "overflow": "update mixed set cat = 2147483647 + abs(cat) + 1 where cat is not null",
}
