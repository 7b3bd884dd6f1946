package report

import (
	"bufio"
	"bytes"
	"encoding/json"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"rnnsim/internal/needs"
)

// browser is Chromium, driven through chromedriver in the W3C WebDriver protocol.
type browser struct {
	t       *testing.T
	session string // address of the session
}

// openBrowser starts one. Without Chromium the test is skipped, in CI it fails.
func openBrowser(t *testing.T) *browser {
	t.Helper()
	if testing.Short() {
		t.Skip("the whole tests open a browser")
	}
	driver := needs.Program(t, "chromedriver", "apt-get install chromium-driver")
	chromium := needs.Program(t, "chromium", "apt-get install chromium")
	address := startDriver(t, driver)
	b := &browser{t: t, session: address + "/session"}
	var started struct {
		ID string `json:"sessionId"`
	}
	b.call("POST", "", map[string]any{"capabilities": map[string]any{"alwaysMatch": map[string]any{
		"browserName": "chrome",
		"goog:chromeOptions": map[string]any{"binary": chromium, "args": []string{
			"--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
			"--disable-component-update", "--disable-sync", "--user-data-dir=" + t.TempDir(),
		}},
		"goog:loggingPrefs": map[string]any{"browser": "ALL", "performance": "ALL"},
	}}}, &started)
	b.session += "/" + started.ID
	t.Cleanup(func() { b.in(t).call("DELETE", "", nil, nil) })
	b.call("POST", "/url", map[string]any{"url": "about:blank"}, nil) // away from the browser's own first page
	b.requests()
	return b
}

// in is the same browser in a subtest.
func (b *browser) in(t *testing.T) *browser { return &browser{t: t, session: b.session} }

func startDriver(t *testing.T, path string) (address string) {
	t.Helper()
	command := exec.Command(path, "--port=0")
	out, err := command.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, command.Start())
	t.Cleanup(func() {
		_ = command.Process.Kill()
		_ = command.Wait() // it was killed
	})
	said := regexp.MustCompile(`started successfully on port (\d+)`)
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if found := said.FindStringSubmatch(lines.Text()); found != nil {
			return "http://127.0.0.1:" + found[1]
		}
	}
	require.Fail(t, "chromedriver says no port")
	return ""
}

// call sends a command and reads its value.
func (b *browser) call(method, path string, body, into any) {
	b.t.Helper()
	var sent bytes.Buffer
	if method == "POST" {
		require.NoError(b.t, json.NewEncoder(&sent).Encode(body))
	}
	request, err := http.NewRequest(method, b.session+path, &sent)
	require.NoError(b.t, err)
	client := &http.Client{Timeout: 2 * time.Minute}
	response, err := client.Do(request)
	require.NoError(b.t, err)
	defer response.Body.Close()
	var answer struct{ Value json.RawMessage }
	require.NoError(b.t, json.NewDecoder(response.Body).Decode(&answer))
	require.Equal(b.t, http.StatusOK, response.StatusCode, "%s", answer.Value)
	if into != nil {
		require.NoError(b.t, json.Unmarshal(answer.Value, into))
	}
}

// run executes a script in the page and reads what it returns.
func (b *browser) run(script string, into any) {
	b.t.Helper()
	b.call("POST", "/execute/sync", map[string]any{"script": script, "args": []any{}}, into)
}

func (b *browser) text(script string) (text string) {
	b.t.Helper()
	b.run(script, &text)
	return text
}

// press types keys into whatever has the focus.
func (b *browser) press(keys ...string) {
	b.t.Helper()
	var actions []map[string]string
	for _, key := range keys {
		actions = append(actions, map[string]string{"type": "keyDown", "value": key}, map[string]string{"type": "keyUp", "value": key})
	}
	b.call("POST", "/actions", map[string]any{"actions": []any{map[string]any{"type": "key", "id": "keyboard", "actions": actions}}}, nil)
}

// The keys in WebDriver's names.
const (
	keyTab   = "\ue004"
	keyEnter = "\ue007"
	keyLeft  = "\ue012"
	keyUp    = "\ue013"
	keyRight = "\ue014"
	keyDown  = "\ue015"
)

// look sets the width and the colour scheme.
func (b *browser) look(width int, scheme string) {
	b.t.Helper()
	b.devtools("Emulation.setDeviceMetricsOverride", map[string]any{"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": false})
	b.devtools("Emulation.setEmulatedMedia", map[string]any{"features": []any{map[string]any{"name": "prefers-color-scheme", "value": scheme}}})
}

func (b *browser) devtools(command string, parameters map[string]any) {
	b.t.Helper()
	b.call("POST", "/goog/cdp/execute", map[string]any{"cmd": command, "params": parameters}, nil)
}

// open shows a page from a file.
func (b *browser) open(page string) {
	b.t.Helper()
	path := filepath.Join(b.t.TempDir(), "page.html")
	require.NoError(b.t, os.WriteFile(path, []byte(page), 0o644))
	b.call("POST", "/url", map[string]any{"url": "file://" + path}, nil)
}

// log reads what a log of the browser has had since it was last read.
func (b *browser) log(kind string) (messages []string) {
	b.t.Helper()
	var entries []struct{ Message string }
	b.call("POST", "/se/log", map[string]any{"type": kind}, &entries)
	for _, entry := range entries {
		messages = append(messages, entry.Message)
	}
	return messages
}

// requests gives the addresses of what was asked for since they were last read, but for what is part of a page or of the browser.
func (b *browser) requests() (addresses []string) {
	b.t.Helper()
	for _, message := range b.log("performance") {
		var event struct {
			Message struct {
				Method string
				Params struct{ Request struct{ URL string } }
			}
		}
		require.NoError(b.t, json.Unmarshal([]byte(message), &event))
		url := event.Message.Params.Request.URL
		own := strings.HasPrefix(url, "data:") || strings.HasPrefix(url, "chrome:")
		if event.Message.Method == "Network.requestWillBeSent" && !own {
			addresses = append(addresses, url)
		}
	}
	return addresses
}
