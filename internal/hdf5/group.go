package hdf5

import (
	"errors"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"
)

// Object is a group or a dataset.
type Object struct {
	f      *File
	path   string
	header *header
}

// ErrNotFound says that a path names nothing in the file.
var ErrNotFound = errors.New("it is not in the file")

// link is a name in a group.
type link struct {
	address uint64 // of an object header, for a hard link
	soft    string // the path that a soft link leads to
	other   string // what else it is
}

// linkCost is the memory of a link beside its name.
const linkCost = 96

// maxHops bounds the soft links that are followed for one path.
const maxHops = 32

// Root gives the root group.
func (f *File) Root() (*Object, error) {
	h, err := f.header(f.root)
	if err != nil {
		return nil, fmt.Errorf("object %q: %w", "/", err)
	}
	return &Object{f: f, path: "/", header: h}, nil
}

// Object gives the object at a path from the root.
func (f *File) Object(name string) (*Object, error) {
	root, err := f.Root()
	if err != nil {
		return nil, err
	}
	return root.Object(name)
}

// Path is where the object was found.
func (o *Object) Path() string { return o.path }

// IsGroup says whether the object can have members.
func (o *Object) IsGroup() bool {
	return o.header.first(messageSymbolTable) != nil || o.header.first(messageLinkInfo) != nil || o.header.first(messageLink) != nil
}

// IsDataset says whether the object holds values.
func (o *Object) IsDataset() bool { return o.header.first(messageLayout) != nil }

// Names lists the members of a group, sorted. An object that is no group has none.
func (o *Object) Names() ([]string, error) {
	links, err := o.links()
	if err != nil {
		return nil, err
	}
	return slices.Sorted(maps.Keys(links)), nil
}

// Object gives the object at a path from this one, or from the root if it starts with a slash. What is not there is ErrNotFound.
func (o *Object) Object(name string) (*Object, error) {
	hops := 0
	found, err := o.walk(name, &hops)
	if err != nil {
		return nil, fmt.Errorf("object %q: %w", o.join(name), err)
	}
	return found, nil
}

func (o *Object) join(name string) string {
	if strings.HasPrefix(name, "/") {
		return path.Clean(name)
	}
	return path.Join(o.path, name)
}

// walk follows a path; hops counts the soft links on the whole way.
func (o *Object) walk(name string, hops *int) (*Object, error) {
	at := o
	if strings.HasPrefix(name, "/") {
		root, err := o.f.Root()
		if err != nil {
			return nil, err
		}
		at = root
	}
	for _, part := range strings.Split(name, "/") {
		if part == "" || part == "." {
			continue
		}
		links, err := at.links()
		if err != nil {
			return nil, err
		}
		to, ok := links[part]
		switch {
		case !ok:
			return nil, fmt.Errorf("%q has no member %q: %w", at.path, part, ErrNotFound)
		case to.other != "":
			return nil, fmt.Errorf("%q is %s, which is not followed", at.join(part), to.other)
		case to.soft != "":
			if *hops++; *hops > maxHops {
				return nil, fmt.Errorf("%q: more than %d soft links lead on from one another", at.join(part), maxHops)
			}
			if at, err = at.walk(to.soft, hops); err != nil {
				return nil, err
			}
		default:
			h, err := o.f.header(to.address)
			if err != nil {
				return nil, err
			}
			at = &Object{f: o.f, path: at.join(part), header: h}
		}
	}
	return at, nil
}

// links gives the members of a group.
func (o *Object) links() (map[string]link, error) {
	if known, ok := o.f.groups[o.header.address]; ok {
		return known, nil
	}
	r := linkReader{f: o.f, links: map[string]link{}}
	for _, m := range o.header.messages {
		var err error
		switch m.kind {
		case messageSymbolTable:
			err = r.symbolTable(m.data)
		case messageLinkInfo:
			err = r.linkInfo(m.data)
		case messageLink:
			err = r.link(m.data)
		}
		if err != nil {
			return nil, fmt.Errorf("group %q: %w", o.path, err)
		}
	}
	o.f.groups[o.header.address] = r.links
	return r.links, nil
}
