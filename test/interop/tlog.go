// Checks a served log with Go's own packages, golang.org/x/mod/sumdb/note and /tlog, which know nothing of Sayso:
// the checkpoint's signature, the tree's root from its tiles, the record hashes of the entry bundles, inclusion of
// every record asked for, and consistency with every earlier checkpoint given.
//
//	tlog <url of the log> <vkey> <every n-th record> [<file with an earlier checkpoint> ...]
package main

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

func fail(format string, values ...interface{}) {
	fmt.Fprintf(os.Stderr, format+"\n", values...)
	os.Exit(1)
}

func check(err error, what string) {
	if err != nil {
		fail("%s: %v", what, err)
	}
}

func get(url string) ([]byte, http.Header) {
	response, err := http.Get(url)
	check(err, url)
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	check(err, url)
	if response.StatusCode != 200 {
		fail("%s: %d", url, response.StatusCode)
	}
	return body, response.Header
}

// openCheckpoint reads a C2SP checkpoint: origin, size and root, a line each, in a signed note.
func openCheckpoint(text []byte, verifiers note.Verifiers, origin string) tlog.Tree {
	opened, err := note.Open(text, verifiers)
	check(err, "note")
	lines := strings.Split(opened.Text, "\n")
	if len(lines) < 4 || lines[0] != origin {
		fail("the note is not a checkpoint of %s", origin)
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	check(err, "size")
	root, err := tlog.ParseHash(lines[2])
	check(err, "root")
	return tlog.Tree{N: size, Hash: root}
}

// tiles reads tiles of height 8 as C2SP has them: the path of Go's own without the height.
type tiles struct{ log string }

func (tiles) Height() int { return 8 }

func (t tiles) ReadTiles(wanted []tlog.Tile) ([][]byte, error) {
	var read [][]byte
	for _, tile := range wanted {
		body, header := get(t.log + "/" + strings.Replace(tile.Path(), "tile/8/", "tile/", 1))
		if tile.W == 256 && !strings.Contains(header.Get("Cache-Control"), "immutable") {
			return nil, fmt.Errorf("%s may change: %s", tile.Path(), header.Get("Cache-Control"))
		}
		read = append(read, body)
	}
	return read, nil
}

func (tiles) SaveTiles([]tlog.Tile, [][]byte) {}

// entries reads a bundle: for each record a big-endian uint16 length, then its text.
func entries(log string, tree tlog.Tree, bundle int64) [][]byte {
	tile := tlog.Tile{H: 8, L: 0, N: bundle, W: 256}
	if left := tree.N - bundle*256; left < 256 {
		tile.W = int(left)
	}
	body, _ := get(log + "/" + strings.Replace(tile.Path(), "tile/8/0/", "tile/entries/", 1))
	var records [][]byte
	for rest := bytes.NewReader(body); rest.Len() > 0; {
		var length uint16
		check(binary.Read(rest, binary.BigEndian, &length), "entry length")
		record := make([]byte, length)
		_, err := io.ReadFull(rest, record)
		check(err, "entry")
		records = append(records, record)
	}
	if len(records) != tile.W {
		fail("bundle %d holds %d records instead of %d", bundle, len(records), tile.W)
	}
	return records
}

func main() {
	log, vkey := os.Args[1], os.Args[2]
	step, err := strconv.ParseInt(os.Args[3], 10, 64)
	check(err, "step")
	verifier, err := note.NewVerifier(vkey)
	check(err, "vkey")
	verifiers := note.VerifierList(verifier)
	text, _ := get(log + "/checkpoint")
	tree := openCheckpoint(text, verifiers, verifier.Name())
	hashes := tlog.TileHashReader(tree, tiles{log})

	root, err := tlog.TreeHash(tree.N, hashes)
	check(err, "root")
	if root != tree.Hash {
		fail("the tiles give another root than the checkpoint")
	}

	included := 0
	for bundle := int64(0); bundle*256 < tree.N; bundle++ {
		for i, record := range entries(log, tree, bundle) {
			index := bundle*256 + int64(i)
			if index%step != 0 && index != tree.N-1 {
				continue
			}
			proof, err := tlog.ProveRecord(tree.N, index, hashes)
			check(err, "prove record")
			check(tlog.CheckRecord(proof, tree.N, tree.Hash, index, tlog.RecordHash(record)), fmt.Sprintf("record %d", index))
			included++
		}
	}

	var seen []tlog.Tree
	for _, file := range os.Args[4:] {
		earlier, err := os.ReadFile(file)
		check(err, file)
		seen = append(seen, openCheckpoint(earlier, verifiers, verifier.Name()))
	}
	seen = append(seen, tree)
	consistent := 0
	for i, older := range seen {
		for _, newer := range seen[i+1:] {
			// Go's package has no proof for the empty tree, of which every tree is a continuation.
			if older.N == 0 {
				continue
			}
			proof, err := tlog.ProveTree(newer.N, older.N, tlog.TileHashReader(newer, tiles{log}))
			check(err, "prove tree")
			check(tlog.CheckTree(proof, newer.N, newer.Hash, older.N, older.Hash), fmt.Sprintf("tree of %d in that of %d", older.N, newer.N))
			consistent++
		}
	}
	fmt.Printf("size %d, %d records included, %d pairs consistent\n", tree.N, included, consistent)
}
