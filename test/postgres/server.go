//go:build unix

package postgres

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/heedhq/heed/test/peer"
)

// Variable is the environment variable with the URL of an empty database that tests
// may use, and whose server lets them make more.
const Variable = "HEED_TEST_POSTGRES"

// ErrNotInstalled says that there is no PostgreSQL on this machine.
var ErrNotInstalled = errors.New("no PostgreSQL found (Debian: apt-get install postgresql)")

// Options of a server.
type Options struct {
	// Fsync makes commits durable. Without it the server is fast, and no figure
	// measured on it says anything about speed.
	Fsync bool
}

// Server is a running PostgreSQL with a superuser "heed" and no password.
type Server struct {
	Version string // as `postgres --version` says it
	Dir     string // data, socket and log

	port  int
	child *peer.Child
	next  atomic.Int64
}

// Start makes a data folder and starts a server that takes connections;
// ErrNotInstalled when the machine has none. The caller must Stop it.
func Start(opts Options) (*Server, error) {
	bin, err := find()
	if err != nil {
		return nil, err
	}
	owner, err := ownerOfServer()
	if err != nil {
		return nil, err
	}
	s := &Server{}
	if s.port, err = peer.FreePort(); err != nil {
		return nil, fmt.Errorf("start PostgreSQL: %w", err)
	}
	if s.Dir, err = dataFolder(owner); err != nil {
		return nil, err
	}
	if err := s.run(bin, owner, opts); err != nil {
		return nil, errors.Join(err, s.Stop())
	}
	return s, nil
}

func (s *Server) run(bin string, owner *syscall.Credential, opts Options) error {
	version, err := exec.Command(filepath.Join(bin, "postgres"), "--version").Output()
	if err != nil {
		return fmt.Errorf("ask PostgreSQL its version: %w", err)
	}
	s.Version = string(version)
	data := filepath.Join(s.Dir, "data")
	initdb := s.command(owner, filepath.Join(bin, "initdb"), "-D", data, "-U", "heed", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync")
	if out, err := initdb.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w\n%s", err, out)
	}
	output, err := os.Create(filepath.Join(s.Dir, "log"))
	if err != nil {
		return fmt.Errorf("start PostgreSQL: %w", err)
	}
	defer output.Close() // the child has its own handle
	fsync := "off"
	if opts.Fsync {
		fsync = "on"
	}
	server := s.command(owner, filepath.Join(bin, "postgres"), "-D", data, "-p", strconv.Itoa(s.port), "-k", s.Dir,
		"-c", "listen_addresses=127.0.0.1", "-c", "fsync="+fsync, "-c", "max_connections=200")
	server.Stdout, server.Stderr = output, output
	if s.child, err = peer.Start(server); err != nil {
		return fmt.Errorf("start PostgreSQL: %w", err)
	}
	return s.waitReady()
}

// command runs with an empty environment, so that no PG… variable of the user's
// leads it elsewhere.
func (s *Server) command(owner *syscall.Credential, name string, args ...string) *exec.Cmd {
	cmd := exec.Command(name, args...)
	cmd.Dir = s.Dir
	cmd.Env = []string{"PATH=/usr/local/bin:/usr/bin:/bin", "LC_ALL=C.UTF-8"}
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: owner}
	return cmd
}

func (s *Server) waitReady() error {
	deadline := time.Now().Add(30 * time.Second)
	for {
		err := s.query("select 1")
		if err == nil {
			return nil
		}
		if !s.child.Running() || time.Now().After(deadline) {
			said, readErr := os.ReadFile(filepath.Join(s.Dir, "log"))
			return fmt.Errorf("PostgreSQL does not answer: %w\n%s", errors.Join(err, readErr), said)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// NewDatabase creates an empty database and gives its postgres:// URL.
func (s *Server) NewDatabase() (string, error) {
	name := fmt.Sprintf("heed_%d_%d", os.Getpid(), s.next.Add(1))
	if err := s.query("create database " + name); err != nil {
		return "", fmt.Errorf("create a database: %w", err)
	}
	return s.url(name), nil
}

func (s *Server) url(database string) string {
	return fmt.Sprintf("postgres://heed@127.0.0.1:%d/%s?sslmode=disable", s.port, database)
}

func (s *Server) query(statement string) error {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	conn, err := pgx.Connect(ctx, s.url("postgres"))
	if err != nil {
		return err
	}
	_, err = conn.Exec(ctx, statement)
	return errors.Join(err, conn.Close(ctx))
}

// Stop ends the server, cutting its connections, and removes its folder.
func (s *Server) Stop() error {
	var err error
	if s.child != nil {
		err = s.child.Terminate(syscall.SIGINT, 30*time.Second) // "fast" shutdown
	}
	return errors.Join(err, os.RemoveAll(s.Dir))
}

// find gives the folder with initdb and postgres.
func find() (string, error) {
	folders, err := filepath.Glob("/usr/lib/postgresql/*/bin")
	if err != nil {
		return "", fmt.Errorf("find PostgreSQL: %w", err)
	}
	best, bestVersion := "", -1
	for _, f := range folders {
		version, err := strconv.Atoi(filepath.Base(filepath.Dir(f)))
		if err == nil && version > bestVersion && hasServer(f) {
			best, bestVersion = f, version
		}
	}
	if best != "" {
		return best, nil
	}
	if path, err := exec.LookPath("initdb"); err == nil && hasServer(filepath.Dir(path)) {
		return filepath.Dir(path), nil
	}
	return "", ErrNotInstalled
}

func hasServer(folder string) bool {
	for _, name := range []string{"initdb", "postgres"} {
		if _, err := os.Stat(filepath.Join(folder, name)); err != nil {
			return false
		}
	}
	return true
}

// ownerOfServer is nil when this process may run the server itself.
func ownerOfServer() (*syscall.Credential, error) {
	if os.Geteuid() != 0 {
		return nil, nil
	}
	account, err := user.Lookup("postgres")
	if err != nil {
		return nil, fmt.Errorf("root cannot run PostgreSQL and there is no account for it: %w", errors.Join(ErrNotInstalled, err))
	}
	uid, err := strconv.ParseUint(account.Uid, 10, 32)
	if err != nil {
		return nil, fmt.Errorf("account postgres: %w", err)
	}
	gid, err := strconv.ParseUint(account.Gid, 10, 32)
	if err != nil {
		return nil, fmt.Errorf("account postgres: %w", err)
	}
	return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, nil
}

// dataFolder is owned by the server's account. It is not in a test's own temporary
// folder: that one cannot be entered by another account.
func dataFolder(owner *syscall.Credential) (string, error) {
	parent := os.TempDir()
	if owner != nil && !enterable(parent) {
		parent = "/var/tmp" // TMPDIR may be private to root
	}
	dir, err := os.MkdirTemp(parent, "heed-pg-")
	if err != nil {
		return "", fmt.Errorf("make PostgreSQL's folder: %w", err)
	}
	if owner == nil {
		return dir, nil
	}
	if err := os.Chown(dir, int(owner.Uid), int(owner.Gid)); err != nil {
		return "", errors.Join(fmt.Errorf("make PostgreSQL's folder: %w", err), os.RemoveAll(dir))
	}
	return dir, nil
}

// enterable says whether every account may pass through the folder and its parents.
func enterable(folder string) bool {
	for {
		info, err := os.Stat(folder)
		if err != nil || info.Mode().Perm()&0o001 == 0 {
			return false
		}
		parent := filepath.Dir(folder)
		if parent == folder {
			return true
		}
		folder = parent
	}
}
