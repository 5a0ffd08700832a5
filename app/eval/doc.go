// Package eval measures how well suggestions are put into themes, on files of
// texts whose themes people know: retrieval, assign, xling and pairs ask the
// index and what it learns directly; stream sends every text through the door of
// a Heed of its own, as people would. It reads and writes JSON lines; scoring
// them is another program's work, so that nothing here can flatter itself. ablation,
// learning, falsemerge and fit compare Heed with Heed, so they count for themselves
// and print tables.
//
// Files in: {"id", "text", "body", "lang", "theme"} for themes (theme null: of
// none), {"id", "a", "b", "label"} for pairs, {"id", "en", "zh"} for languages.
// It must not know any of the sets by name.
package eval
