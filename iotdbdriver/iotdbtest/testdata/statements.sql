# A statement a line, for TestRecorded.
create database recorded
create database recorded
create database if not exists recorded
use nosuch
~show databases
create table t (tg string tag, at string attribute, i int32 field, l int64, f float, d double, b boolean, x text, s string, ts timestamp, dt date, bl blob) with (ttl=3600000000000)
use recorded
create table t (tg string tag, at string attribute, i int32 field, l int64, f float, d double, b boolean, x text, s string, ts timestamp, dt date, bl blob) with (ttl=3600000000000)
create table t (i int32)
create table if not exists t (i int32)
create table bad1 (tg int32 tag)
create table bad2 (a string id)
create table bad3 (a varchar)
create table bad4 (a int32, A int64)
create table bad5 (i int32 time)
create table nosuch.bad6 (i int32)
desc t
describe t details
desc nosuch
show tables
show tables details
show tables from information_schema
show tables from nosuch
show current_database
show version
show current_user
show current_sql_dialect
~show current_timestamp
insert into t(time, tg, i, d) values (1, 'a', 1, 1.5), (2, 'a', 99999999999, 2.5), (3,'b',3,null)
select * from t order by tg, time
insert into t(time, tg, i) values (1, 'a', 7)
insert into t(time, tg, i) values (1, 'a', null)
select time, i from t where time = 1
insert into t(time, tg, x) values (1, 'a', 'text')
select tg, time, i, x from t order by time
select nosuch from t
select * from nosuch
select * from nosuchdb.t
insert into t(time, nosuch) values (1,2)
insert into nosuch(time, a) values (1,2)
insert into t(time, tg, i) values (1, 'a')
insert into t(time, time, i) values (1, 2, 1)
insert into t(time, i, i) values (1, 2, 1)
insert into t values (5, 'a', 'at', 1, 1, 1, 1, true, 'x', 's', 1, '2024-01-01', X'00')
insert into t values (6, 'a', 'at', 1, 1, 1, 1, true, 'x', 's', 1, '2024-01-01')
insert into t(time, tg, i) values ('garbage', 'a', 1)
insert into t(time, tg, i) values (253402300800000, 'a', 1)
insert into t(time, tg, i) values (2024-01-02T03:04:05.123+01:00, 'c', 1)
insert into t(time, tg, i) values ('2024-01-02T03:04:05.123Z', 'd', 1)
insert into t(time, tg, i) values ('2024-01-02 03:04:05', 'e', 1)
insert into t(time, tg, i) values (-5, 'f', -1)
insert into t(time, i) values (10, 5)
insert into t(time, tg, i) values (10, '', 6)
select time, tg, i from t order by tg, time
selekt
select * from t;
select ? from t
select * from t where i = 'a'
select time from t where time > 'x'
select time from t where dt = '2024-01-01'
select time from t where dt = cast('2024-01-01' as date)
select count(*), sum(i), avg(i), min(x), max(d), sum(d) from t
select i+1, i/2, d*2, i as q, 'lit', 1, 99999999999, true, x from t where time = 5
select tg, count(i) as n from t group by tg order by tg
select tg, i from t group by tg
select i from t having i > 1
select sum(tg) from t
select nosuchfn(i) from t
select tg, count(*) from t group by tg having count(*) > 1 order by 1
select first(i), last(i), first_by(tg, i), last_by(tg, i), max_by(tg, time) from t
select tg as A, I from t where tg in ('a','f') order by 2 desc
select z.tg from t as z where z.time = 5
select tg from (select tg, time from t where i = 1) order by tg limit 1
select a.tg, b.i from t a join t b on a.tg = b.tg and a.time = b.time where a.i > 5 order by a.tg
select a.tg from t a left join t b on a.time=b.time limit 1
select *, i from t where time = 5
select t.* from t where time = 5
select i, i, tg from t where time = 5
select case when i > 1 then 'big' else 'small' end from t where time = 10 order by i
select i is null, i is not null, -i, i % 2, i*1.5 from t where time = 5
select cast(i as string), cast(i as double), cast('7' as int32), cast(i as boolean) from t where time = 5
select length(x), upper(x), concat(x,x), substring(x,1,1), trim(x), replace(x,'A','B'), strpos(x,'x') from t where time = 5
select abs(i), round(1.234,2), floor(i), ceil(i), sqrt(i), if(i>1,1,2), coalesce(i,1), i/2.0 from t where time = 5
select x || 'z' from t where time = 1
select date_bin(1d, time) as d, count(*) from t group by 1 order by 1
select time, tg from t where time >= 2024-01-01T00:00:00+00:00 and time < 2025-01-01 order by tg
select time from t where time between 1 and 3 and not (tg = 'a') order by time
select i from t where i <> 3 and i != 1 order by i
select tg from t where tg like 'a%' and tg not like 'b_' and time = 5
select distinct i from t order by i
select i from t order by i nulls first limit 1
select "tg", "I" from "t" where time = 5
select "tg" as "Mixed Case" from t where time = 5
select tg from t where tg = 'it''s' or x = 'back\slash' or x = 'quo"te'
select X'cafe' from t where time = 5
select time+1, time - 1d from t where time = 5
select time - time from t
select i/0 from t where time = 5
select (select max(i) from t) from t where time = 5
select i from t where tg = 'a' and i
select max(time), min(time), count(time), max(tg) from t
select 1
select tg from t order by nosuch
select a.time from t a, t b where time = 1
insert into t(time, tg, ts, dt, bl, b) values (50, 'x', 'garbage', '2023-02-29', 'abc', 'true'),(51,'x', 5, '2024-01-01', X'00', 1)
select time, ts, dt, bl, b from t where tg='x' order by time
insert into t(time, tg, l) values (52, 'x', 1.5)
insert into t(time, tg, f) values (53, 'x', 'Infinity')
insert into t(time, tg, d) values (53, 'x', 'NaN')
insert into t(time, tg, s) values (54, 'x', 5)
insert into t(time, tg, i) values (54, 'x', true)
insert into t(time, tg, b) values (54, 'x', 2)
insert into t(time, tg, x) values (54, 'x', true)
insert into t(time, tg, i, l) values (55, 'x', 'a', 'b')
insert into t(time, i) values (99999999999999999999, 1)
select s, d, x, dt from t where tg='x' order by time
drop table nosuch
drop table if exists nosuch
drop database nosuch
drop database if exists nosuch
delete from t where i = 1
delete from t where time = 2
delete from t where tg = 'b'
select count(*) from t
update t set at = 'new' where tg = 'a'
update t set i = 1
select tg, at, time from t where tg = 'a' order by time
alter table t add column c9 int32
alter table t add column c9 int32
alter table t add column if not exists c9 int32
insert into t(time, tg, c9) values (1, 'a', 9)
select c9 from t where time = 1
alter table t drop column c9
select c9 from t where time = 1
show devices from t where tg = 'a'
count devices from t
flush
select * from information_schema.columns where table_name='t' and database='recorded'
select * from information_schema.tables where database='recorded'
~select * from information_schema.databases
~select * from information_schema.queries
kill query 'nosuch'
kill query '20240101_000000_00001_1'
create table "we ird" ("a b" int32)
insert into "we ird"(time, "a b") values (1,2)
select "a b" from "we ird"
drop table "we ird"
show tables
drop database recorded
show current_database
