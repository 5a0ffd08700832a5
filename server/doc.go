// Package server is the outside of Heed over HTTP: one echo instance with its
// middleware, health, and the doors — REST, MCP, OAuth, hooks, console and
// portal. A handler decodes, calls one service method and renders; nothing else.
package server
