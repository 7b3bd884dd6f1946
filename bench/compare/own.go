package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"slices"
	"strconv"
	"time"

	"rnnsim/bench"
)

// serve is the worker of rnnsim itself: "SHAPE BITS THREADS", or "SHAPE BITS roofline".
func serve(in io.Reader, out io.Writer, arguments []string) error {
	if len(arguments) != 3 {
		return fmt.Errorf("a worker wants a shape, a width and a number of threads, and got %q", arguments)
	}
	shape, err := bench.ParseShape(arguments[0])
	if err != nil {
		return err
	}
	bits, err := strconv.Atoi(arguments[1])
	if err != nil {
		return err
	}
	ctx, rate := context.Background(), func(d time.Duration) (float64, error) {
		limits := bench.NewLimits(shape, bits)
		limits.Measure(d)
		return limits.StepsPerSecond(), nil
	}
	ready := "roofline"
	if arguments[2] != ready {
		threads, err := strconv.Atoi(arguments[2])
		if err != nil {
			return err
		}
		w, err := bench.NewWorkload(bench.Config{Shape: shape, WeightBits: bits, Threads: threads})
		if err != nil {
			return err
		}
		first, err := w.Run(ctx)
		if err != nil {
			return err
		}
		ready = w.Kernels() + " " + bench.Checksum(first)
		rate = func(d time.Duration) (float64, error) {
			rates, err := w.Rates(ctx, d)
			if err != nil {
				return 0, err
			}
			return slices.Max(rates), nil
		}
	}
	fmt.Fprintln(out, "ready", ready)
	for lines := bufio.NewScanner(in); lines.Scan(); {
		seconds, err := strconv.ParseFloat(lines.Text(), 64)
		if err != nil {
			return err
		}
		v, err := rate(time.Duration(seconds * float64(time.Second)))
		if err != nil {
			return err
		}
		fmt.Fprintln(out, v)
	}
	return nil
}
