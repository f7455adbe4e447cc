// Has a fleet answer many prompts: hands them in as one batch, shows how far it is, writes the answers. Go 1.19, nothing to install.
//
//	export FLOTTE_URL=http://127.0.0.1:7700 FLOTTE_KEY=fk_...
//	go run prompts.go PROMPTS.txt RESULTS.jsonl [MODEL]
//
// PROMPTS.txt has a prompt per line. RESULTS.jsonl gets a row per prompt, in their order: {"line", "prompt", "state", "text", "error"}.
// Stop it at any time: the batch goes on without it. The same command again picks it up where it is (RESULTS.jsonl.batch remembers which
// one it was; remove that file to ask everything anew). Exit status: 0 all succeeded, 1 some did not, 2 it could not be done.
package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"sort"
	"strconv"
	"strings"
	"time"
)

const patience = 5 * time.Minute // without an answer after which it gives up

// The hub is busy, restarts, or has no room at the moment.
var later = map[int]bool{408: true, 429: true, 502: true, 503: true, 504: true, 507: true}

type problem struct {
	Code    string `json:"code"`
	Message string `json:"message"`
	Hint    string `json:"hint"`
}

type batch struct {
	ID    string `json:"id"`
	State string `json:"state"`
}

type taskInput struct {
	Prompt string `json:"prompt"`
}

type newTask struct {
	Kind  string    `json:"kind"`
	Model string    `json:"model,omitempty"`
	Input taskInput `json:"input"`
}

type newItem struct {
	Index int     `json:"index"`
	Name  string  `json:"name"`
	Task  newTask `json:"task"`
}

type endedItem struct {
	Index int `json:"index"`
	Task  struct {
		State  string `json:"state"`
		Result *struct {
			Text *string `json:"text"`
		} `json:"result"`
		Error *problem `json:"error"`
	} `json:"task"`
}

type row struct {
	Line   int     `json:"line"`
	Prompt string  `json:"prompt"`
	State  string  `json:"state"`
	Text   *string `json:"text"`
	Error  *string `json:"error"`
}

// A hub, asked with one key.
type hub struct {
	url, key string
	client   http.Client
}

// once sends one request. The error is nil, or says what went wrong; retry tells whether it may pass, and after how long.
func (h *hub) once(method, path, kind, same string, body []byte, into any) (retry bool, wait time.Duration, err error) {
	request, err := http.NewRequest(method, h.url+path, bytes.NewReader(body))
	if err != nil {
		return false, 0, err
	}
	request.Header.Set("Authorization", "Bearer "+h.key)
	request.Header.Set("Content-Type", kind)
	if same != "" {
		request.Header.Set("Idempotency-Key", same)
	}
	answer, err := h.client.Do(request)
	if err != nil {
		return true, 0, fmt.Errorf("%s does not answer: %w", h.url, err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		return true, 0, fmt.Errorf("%s broke off: %w", h.url, err)
	}
	if answer.StatusCode < 300 {
		return false, 0, json.Unmarshal(text, into)
	}
	var said struct {
		Error problem `json:"error"`
	}
	if json.Unmarshal(text, &said) != nil || said.Error.Message == "" {
		said.Error.Message = fmt.Sprintf("the hub answered %d", answer.StatusCode)
	}
	if said.Error.Hint != "" {
		said.Error.Message += " (" + said.Error.Hint + ")"
	}
	seconds, _ := strconv.Atoi(answer.Header.Get("Retry-After"))
	return later[answer.StatusCode], time.Duration(seconds) * time.Second, errors.New(said.Error.Message)
}

// ask tries again what may pass; every request of this program may be sent twice without harm.
func (h *hub) ask(method, path, kind, same string, body []byte, into any) error {
	giveUp := time.Now().Add(patience)
	for wait := 200 * time.Millisecond; ; wait *= 2 {
		retry, told, err := h.once(method, path, kind, same, body, into)
		if err == nil || !retry || time.Now().After(giveUp) {
			return err
		}
		if wait > 10*time.Second {
			wait = 10 * time.Second
		}
		if told > wait {
			wait = told
		}
		time.Sleep(wait)
	}
}

// open gives the batch that an earlier run began, or a new one.
func (h *hub) open(prompts []string, model, note string) (string, error) {
	if id, err := os.ReadFile(note); err == nil {
		return strings.TrimSpace(string(id)), nil
	}
	// If this program dies before it has written the note, the same key gets the same batch.
	place, err := filepath.Abs(note)
	if err != nil {
		return "", err
	}
	all, _ := json.Marshal([]any{prompts, model, place})
	sum := sha256.Sum256(all)
	var made batch
	title, _ := json.Marshal(map[string]string{"title": fmt.Sprintf("%d prompts", len(prompts))})
	if err := h.ask("POST", "/batches", "application/json", hex.EncodeToString(sum[:]), title, &made); err != nil {
		return "", err
	}
	return made.ID, os.WriteFile(note, []byte(made.ID+"\n"), 0o644)
}

// handIn sends all prompts, from the first that the hub does not have yet; then no more will come.
func (h *hub) handIn(id string, prompts []string, model string) error {
	var now batch
	if err := h.ask("GET", "/batches/"+id, "application/json", "", nil, &now); err != nil {
		return err
	}
	if now.State != "open" && now.State != "paused" {
		return nil
	}
	var stored struct {
		Next int `json:"next_index"`
	}
	var lines bytes.Buffer
	for {
		if err := h.ask("POST", "/batches/"+id+"/items", "application/x-ndjson", "", lines.Bytes(), &stored); err != nil {
			return err
		}
		if stored.Next >= len(prompts) {
			break
		}
		lines.Reset()
		for n := stored.Next; n < len(prompts) && n < stored.Next+500; n++ {
			item := newItem{n, fmt.Sprintf("line %d", n+1), newTask{"prompt", model, taskInput{prompts[n]}}}
			if err := json.NewEncoder(&lines).Encode(item); err != nil {
				return err
			}
		}
	}
	return h.ask("POST", "/batches/"+id+"/seal", "application/json", "", []byte("{}"), &now)
}

// collect follows the batch to its end. Answers are written as they come.
func (h *hub) collect(id string, prompts []string, results string) (map[int]row, error) {
	rows := map[int]row{}
	for place := "0"; ; {
		var page struct {
			Items []endedItem `json:"items"`
			Next  string      `json:"next"`
		}
		if err := h.ask("GET", "/batches/"+id+"/items?ended_after="+place+"&limit=500", "application/json", "", nil, &page); err != nil {
			return nil, err
		}
		for _, item := range page.Items {
			one := row{Line: item.Index + 1, Prompt: prompts[item.Index], State: item.Task.State}
			if item.Task.Result != nil {
				one.Text = item.Task.Result.Text
			}
			if item.Task.Error != nil {
				one.Error = &item.Task.Error.Message
			}
			rows[item.Index] = one
		}
		place = page.Next
		if len(page.Items) > 0 {
			if err := write(rows, results); err != nil {
				return nil, err
			}
			show(rows, len(prompts))
			continue
		}
		var now batch
		if err := h.ask("GET", "/batches/"+id, "application/json", "", nil, &now); err != nil {
			return nil, err
		}
		if len(rows) == len(prompts) || now.State == "done" || now.State == "cancelled" {
			return rows, nil
		}
		time.Sleep(500 * time.Millisecond)
	}
}

func inOrder(rows map[int]row) []row {
	list := make([]row, 0, len(rows))
	for _, one := range rows {
		list = append(list, one)
	}
	sort.Slice(list, func(a, b int) bool { return list[a].Line < list[b].Line })
	return list
}

// write puts the rows into their order, and never leaves half a file.
func write(rows map[int]row, results string) error {
	var text bytes.Buffer
	lines := json.NewEncoder(&text)
	lines.SetEscapeHTML(false)
	for _, one := range inOrder(rows) {
		if err := lines.Encode(one); err != nil {
			return err
		}
	}
	if err := os.WriteFile(results+".partial", text.Bytes(), 0o644); err != nil {
		return err
	}
	return os.Rename(results+".partial", results)
}

func unanswered(rows map[int]row) (wrong []row) {
	for _, one := range inOrder(rows) {
		if one.State != "succeeded" {
			wrong = append(wrong, one)
		}
	}
	return wrong
}

func show(rows map[int]row, total int) {
	fmt.Fprintf(os.Stderr, "\r%d of %d", len(rows), total)
	if bad := len(unanswered(rows)); bad > 0 {
		fmt.Fprintf(os.Stderr, ", %d without an answer", bad)
	}
}

func run(arguments []string) (int, error) {
	if len(arguments) < 2 {
		return 2, errors.New("usage: prompts PROMPTS.txt RESULTS.jsonl [MODEL]")
	}
	results, model := arguments[1], ""
	if len(arguments) > 2 {
		model = arguments[2]
	}
	text, err := os.ReadFile(arguments[0])
	if err != nil {
		return 2, err
	}
	var prompts []string
	for _, line := range strings.Split(strings.ReplaceAll(string(text), "\r\n", "\n"), "\n") {
		if strings.TrimSpace(line) != "" {
			prompts = append(prompts, line)
		}
	}
	url := os.Getenv("FLOTTE_URL")
	if url == "" {
		url = "http://127.0.0.1:7700"
	}
	h := &hub{strings.TrimRight(url, "/") + "/fleet/v1", os.Getenv("FLOTTE_KEY"), http.Client{Timeout: time.Minute}}
	id, err := h.open(prompts, model, results+".batch")
	if err != nil {
		return 2, err
	}
	stopped := make(chan os.Signal, 1)
	signal.Notify(stopped, os.Interrupt)
	go func() {
		<-stopped
		fmt.Fprintf(os.Stderr, "\n%s goes on; the same command picks it up, `flotte batch cancel %s` ends it\n", id, id)
		os.Exit(130)
	}()
	if err := h.handIn(id, prompts, model); err != nil {
		return 2, err
	}
	rows, err := h.collect(id, prompts, results)
	if err != nil {
		return 2, err
	}
	fmt.Fprintln(os.Stderr)
	wrong := unanswered(rows)
	for n, one := range wrong {
		why := "no answer"
		if one.Error != nil {
			why = *one.Error
		}
		if n < 20 {
			fmt.Fprintf(os.Stderr, "line %d: %s: %s\n", one.Line, one.State, why)
		}
	}
	missing := len(prompts) - len(rows)
	if missing > 0 {
		fmt.Fprintf(os.Stderr, "%d prompts have no row: %s was cancelled before they ended\n", missing, id)
	}
	if len(wrong) > 0 || missing > 0 {
		return 1, nil
	}
	return 0, nil
}

func main() {
	code, err := run(os.Args[1:])
	if err != nil {
		fmt.Fprintln(os.Stderr, "prompts:", err)
	}
	os.Exit(code)
}
