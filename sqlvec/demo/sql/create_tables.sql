CREATE EXTENSION IF NOT EXISTS vector;

CREATE TABLE sections (
    section text PRIMARY KEY,
    label   text NOT NULL,
    is_code boolean NOT NULL
);

CREATE TABLE debian_packages (
    id           bigserial PRIMARY KEY,
    name         text NOT NULL UNIQUE,
    version      text NOT NULL,
    section      text NOT NULL,
    priority     text NOT NULL,
    architecture text NOT NULL,
    installed_kb integer CHECK (installed_kb >= 0),
    size_bytes   bigint,
    is_library   boolean NOT NULL,
    tags         text[] NOT NULL,
    meta         jsonb NOT NULL,
    indexed_at   timestamptz NOT NULL DEFAULT now(),
    embedding    vector(384)
);
