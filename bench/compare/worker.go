package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
)

// worker is a process that has a model ready, and runs it for a time when it is asked to.
type worker struct {
	command *exec.Cmd
	in      io.WriteCloser
	out     *bufio.Scanner
	version string
}

// startWorker starts a process and waits until it has run its model once.
func startWorker(prefix, arguments []string, environment ...string) (*worker, error) {
	arguments = append(prefix[:len(prefix):len(prefix)], arguments...)
	w := &worker{command: exec.Command(arguments[0], arguments[1:]...)}
	w.command.Env = append(os.Environ(), environment...)
	var complaint strings.Builder
	w.command.Stderr = &complaint
	in, err := w.command.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := w.command.StdoutPipe()
	if err != nil {
		return nil, err
	}
	w.in, w.out = in, bufio.NewScanner(out)
	if err := w.command.Start(); err != nil {
		return nil, err
	}
	line, err := w.line()
	if err != nil {
		w.stop()
		return nil, fmt.Errorf("%w: %s", err, lastLine(complaint.String()))
	}
	w.version = strings.TrimPrefix(line, "ready ")
	return w, nil
}

func (w *worker) line() (string, error) {
	if !w.out.Scan() {
		return "", fmt.Errorf("%s ended before it answered", w.command.Path)
	}
	return w.out.Text(), nil
}

// rate has the model run for some seconds and gives the rate of the best run.
func (w *worker) rate(seconds float64) (float64, error) {
	if _, err := fmt.Fprintln(w.in, seconds); err != nil {
		return 0, err
	}
	line, err := w.line()
	if err != nil {
		return 0, err
	}
	return strconv.ParseFloat(line, 64)
}

func (w *worker) stop() {
	_ = w.in.Close() // the process ends when nothing more is asked
	_ = w.command.Wait()
}

func lastLine(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return lines[len(lines)-1]
}
