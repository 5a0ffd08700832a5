// Package cluster groups texts by how alike they are to their nearest ones. It
// is pure: it knows similarities and numbers, no texts and no themes.
//
// An edge joins two items that are each among the other's nearest, and weighs
// their similarity squared. The groups are the communities that Leiden finds;
// of a few hundred items, those of average linkage. The nearest item alone
// would chain groups together; neither of the two does.
package cluster
