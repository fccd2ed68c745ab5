CREATE SCHEMA dbo;
CREATE SCHEMA sys;
CREATE SCHEMA "INFORMATION_SCHEMA";
CREATE FUNCTION dbo.utf16(value text) RETURNS integer IMMUTABLE STRICT LANGUAGE sql AS $$
    SELECT char_length($1 COLLATE "C") + char_length(regexp_replace($1 COLLATE "C", '[^\U00010000-\U0010FFFF]', '', 'g')) $$;
CREATE TABLE sys.schemas (schema_id integer, name text COLLATE "C");
INSERT INTO sys.schemas VALUES (1, 'dbo');
CREATE TABLE sys.objects (
    object_id integer GENERATED ALWAYS AS IDENTITY (START 1000), name text COLLATE "C", schema_id integer DEFAULT 1,
    type text COLLATE "C");
CREATE VIEW sys.tables AS SELECT * FROM sys.objects WHERE type = 'U';
CREATE TABLE sys.types (name text COLLATE "C", system_type_id integer, user_type_id integer, is_user_defined int2 DEFAULT 0);
INSERT INTO sys.types (name, system_type_id, user_type_id) VALUES
    ('nvarchar', 231, 231), ('varchar', 167, 167), ('bigint', 127, 127), ('int', 56, 56), ('bit', 104, 104),
    ('float', 62, 62), ('numeric', 108, 108), ('datetime2', 42, 42);
CREATE TABLE sys.columns (
    object_id integer, name text COLLATE "C", column_id integer, default_object_id integer DEFAULT 0, system_type_id integer,
    user_type_id integer, is_nullable int2, max_length integer, precision integer DEFAULT 0, scale integer DEFAULT 0,
    collation_name text COLLATE "C", is_identity int2 DEFAULT 0);
CREATE TABLE sys.default_constraints (object_id integer, name text, schema_id integer, parent_object_id integer,
    parent_column_id integer, definition text COLLATE "C");
CREATE TABLE sys.computed_columns (object_id integer, name text, column_id integer, is_computed int2, is_persisted int2,
    definition text COLLATE "C");
CREATE VIEW sys.identity_columns AS
    SELECT object_id, name, column_id, is_identity, 1 AS seed_value, 1 AS increment_value, 1 AS last_value
    FROM sys.columns WHERE is_identity = 1;
CREATE TABLE sys.extended_properties (class integer, class_desc text COLLATE "C", major_id integer, minor_id integer,
    name text COLLATE "C", value text COLLATE "C");
CREATE TABLE sys.indexes (
    object_id integer, name text COLLATE "C", index_id integer, type integer, is_unique int2, is_primary_key int2,
    is_unique_constraint int2, is_hypothetical int2 DEFAULT 0, has_filter int2 DEFAULT 0, filter_definition text COLLATE "C");
CREATE TABLE sys.index_columns (
    object_id integer, index_id integer, column_id integer, key_ordinal integer, is_included_column int2 DEFAULT 0,
    is_descending_key int2 DEFAULT 0);
CREATE TABLE sys.foreign_keys (object_id integer, name text, parent_object_id integer, referenced_object_id integer);
CREATE VIEW sys.key_constraints AS
    SELECT name, object_id AS parent_object_id, 1 AS schema_id, index_id AS unique_index_id,
           (CASE WHEN is_primary_key = 1 THEN 'PK' ELSE 'UQ' END)::text COLLATE "C" AS type
    FROM sys.indexes WHERE is_primary_key = 1 OR is_unique_constraint = 1;
CREATE VIEW "INFORMATION_SCHEMA"."TABLES" AS
    SELECT 'dbo'::text COLLATE "C" AS "TABLE_SCHEMA", name AS "TABLE_NAME",
           CASE type WHEN 'U' THEN 'BASE TABLE' ELSE 'VIEW' END AS "TABLE_TYPE"
    FROM sys.objects;
CREATE VIEW "INFORMATION_SCHEMA"."TABLE_CONSTRAINTS" AS
    SELECT 'dbo'::text COLLATE "C" AS "TABLE_SCHEMA", o.name AS "TABLE_NAME", i.name AS "CONSTRAINT_NAME",
           CASE WHEN i.is_primary_key = 1 THEN 'PRIMARY KEY' ELSE 'UNIQUE' END AS "CONSTRAINT_TYPE"
    FROM sys.indexes i JOIN sys.objects o ON o.object_id = i.object_id
    WHERE i.is_primary_key = 1 OR i.is_unique_constraint = 1;
CREATE VIEW "INFORMATION_SCHEMA"."KEY_COLUMN_USAGE" AS
    SELECT 'dbo'::text COLLATE "C" AS "TABLE_SCHEMA", o.name AS "TABLE_NAME", c.name AS "COLUMN_NAME",
           i.name AS "CONSTRAINT_NAME", 'dbo'::text COLLATE "C" AS "CONSTRAINT_SCHEMA", k.key_ordinal AS "ORDINAL_POSITION"
    FROM sys.indexes i
    JOIN sys.objects o ON o.object_id = i.object_id
    JOIN sys.index_columns k ON k.object_id = i.object_id AND k.index_id = i.index_id
    JOIN sys.columns c ON c.object_id = i.object_id AND c.column_id = k.column_id;
CREATE FUNCTION dbo.object_id(called text, kind text DEFAULT NULL) RETURNS integer STABLE LANGUAGE sql AS $$
    SELECT object_id FROM sys.objects WHERE name = regexp_replace(replace(replace($1, '[', ''), ']', ''), '^.*\.', '') $$;
CREATE FUNCTION dbo.schema_name(number integer DEFAULT 1) RETURNS text STABLE LANGUAGE sql AS $$ SELECT 'dbo'::text $$;
CREATE FUNCTION dbo.sysutcdatetime() RETURNS timestamp STABLE LANGUAGE sql AS $$ SELECT now() AT TIME ZONE 'UTC' $$;
