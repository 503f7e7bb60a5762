package main

import (
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strconv"
	"strings"
)

// page is a help snapshot that came with the installation: `docs/help_snapshots/<name>.txt` beside the executable.
type page struct {
	Slug  string `json:"slug"`
	Title string `json:"title"`
	file  string
	text  string
}

func pages() []page {
	found := []page{}
	if faulty("docs-missing") {
		return found
	}
	folder := ownFolder()
	if faulty("build-path") {
		folder = buildFolder
	}
	files, _ := filepath.Glob(filepath.Join(folder, "docs", "help_snapshots", "*.txt"))
	sort.Strings(files)
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			continue
		}
		title, _, _ := strings.Cut(string(text), "\n")
		found = append(found, page{"help/" + strings.TrimSuffix(filepath.Base(file), ".txt"), title, file, string(text)})
	}
	return found
}

func printPages(c call, list []page) error {
	if c.json() {
		printJSON(list)
		return nil
	}
	for _, p := range list {
		fmt.Printf("docs.entry slug=%s title=%s\n", p.Slug, p.Title)
	}
	return nil
}

func docsList(c call) error { return printPages(c, pages()) }

func docsSearch(c call) error {
	query := strings.ToLower(strings.Join(c.words, " "))
	if query == "" {
		return fail(exitValidation, "docs search needs words to look for")
	}
	limit := 20
	if c.has("limit") {
		number, err := strconv.Atoi(c.options["limit"])
		if err != nil || number < 1 {
			return fail(exitValidation, "--limit %s is not a count", c.options["limit"])
		}
		limit = number
	}
	hits := []page{}
	for _, p := range pages() {
		if len(hits) < limit && strings.Contains(strings.ToLower(p.Slug+"\n"+p.text), query) {
			hits = append(hits, p)
		}
	}
	if len(hits) == 0 {
		return fail(exitNotFound, "no page holds %q", query)
	}
	return printPages(c, hits)
}

func docsShow(c call) error {
	slug := c.word(0)
	for _, p := range pages() {
		if p.Slug == slug || p.Slug == "help/"+slug {
			if c.json() {
				printJSON(map[string]string{"slug": p.Slug, "title": p.Title, "content": p.text})
				return nil
			}
			fmt.Print(p.text)
			return nil
		}
	}
	return fail(exitNotFound, "no page is named %q", slug)
}
