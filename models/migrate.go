package models

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"os"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
)

// One set of files serves both databases; where a later one must differ, its
// statements go into migrations/sqlite and migrations/postgres.
//
//go:embed migrations/*.sql
var migrationFiles embed.FS

// migrate brings the schema up to date, each step in its own transaction. A
// SQLite file that holds data is copied aside first.
func migrate(ctx context.Context, dialect string, pool *sql.DB, path string) error {
	files, err := fs.Sub(migrationFiles, "migrations")
	if err != nil {
		return err
	}
	opts := []goose.ProviderOption{goose.WithLogger(goose.NopLogger()), goose.WithDisableGlobalRegistry(true)}
	kind := goose.DialectSQLite3
	if dialect == "postgres" {
		kind = goose.DialectPostgres
		locker, err := lock.NewPostgresSessionLocker() // of several nodes, one applies
		if err != nil {
			return err
		}
		opts = append(opts, goose.WithSessionLocker(locker))
	}
	p, err := goose.NewProvider(kind, pool, files, opts...)
	if err != nil {
		return fmt.Errorf("migrations: %w", err)
	}
	if path != "" {
		if err := backupBefore(ctx, p, pool, path); err != nil {
			return err
		}
	}
	if _, err := p.Up(ctx); err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	return nil
}

// SchemaMark tells the schema that the migrations make from that of other versions:
// sixteen hex digits.
func SchemaMark() string {
	h := sha256.New()
	err := fs.WalkDir(migrationFiles, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := migrationFiles.ReadFile(path)
		fmt.Fprintf(h, "%s %d\n%s", path, len(b), b)
		return err
	})
	if err != nil {
		panic(err) // they are embedded
	}
	return hex.EncodeToString(h.Sum(nil)[:8])
}

// backupBefore copies a used SQLite file to PATH.before-VERSION when steps are
// pending.
func backupBefore(ctx context.Context, p *goose.Provider, pool *sql.DB, path string) error {
	current, err := p.GetDBVersion(ctx)
	if err != nil || current == 0 {
		return err
	}
	pending, err := p.HasPending(ctx)
	if err != nil || !pending {
		return err
	}
	target := fmt.Sprintf("%s.before-%d", path, current+1)
	if err := os.Remove(target); err != nil && !os.IsNotExist(err) {
		return fmt.Errorf("backup before migration: %w", err)
	}
	if _, err := pool.ExecContext(ctx, "VACUUM INTO ?", target); err != nil {
		return fmt.Errorf("backup before migration: %w", err)
	}
	return nil
}
