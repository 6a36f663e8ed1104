// SPDX-License-Identifier: Apache-2.0

// Package stream compares files of pairs, line by line: names in CSV, entities
// in JSON lines. Results come in the order of the input, one for each line,
// and a broken line gets a result that says so, so that both files stay
// aligned.
//
// It must never hold more of a file than a few batches. Its functions use all
// the cores they are given and return when the input ends, an output fails or
// the context is cancelled.
package stream

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
)

// BadLine is a line of the input that could not be read.
type BadLine struct {
	Line int
	Err  error
}

func (b BadLine) Error() string { return fmt.Sprintf("line %d: %v", b.Line, b.Err) }

// Report says what was done.
type Report struct {
	Lines int       // lines of data read, broken ones included
	Bad   int       // lines that could not be read
	First []BadLine // the first of them, ten at most
}

func (r *Report) bad(line int, err error) {
	r.Bad++
	if len(r.First) < 10 {
		r.First = append(r.First, BadLine{line, err})
	}
}

// Err is nil when every line could be read, and otherwise says which could
// not.
func (r *Report) Err() error {
	if r.Bad == 0 {
		return nil
	}
	list := make([]error, 0, len(r.First)+1)
	list = append(list, fmt.Errorf("%d of %d lines could not be read; they have no score in the output", r.Bad, r.Lines))
	for _, b := range r.First {
		list = append(list, b)
	}
	return errors.Join(list...)
}

// batchSize is how many items one worker takes at a time.
const batchSize = 128

// ordered reads items, works on them in parallel and emits the results in the
// order of reading. next returns io.EOF at the end.
func ordered[T, U any](ctx context.Context, workers int, next func() (T, error), work func(T) U, emit func(U) error) error {
	type batch struct {
		in   []T
		out  []U
		done chan struct{}
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	todo := make(chan *batch)
	queue := make(chan *batch, 2*workers) // in order, bounded
	var wg sync.WaitGroup
	for range workers {
		wg.Go(func() {
			for b := range todo {
				for _, item := range b.in {
					b.out = append(b.out, work(item))
				}
				close(b.done)
			}
		})
	}
	var readErr error
	wg.Go(func() {
		defer close(todo)
		defer close(queue)
		for ended := false; !ended; {
			b := &batch{done: make(chan struct{})}
			for len(b.in) < batchSize {
				item, err := next()
				if err != nil {
					ended = true
					if !errors.Is(err, io.EOF) {
						readErr = err
					}
					break
				}
				b.in = append(b.in, item)
			}
			select {
			case queue <- b:
			case <-ctx.Done():
				return
			}
			todo <- b
		}
	})
	err := drain(ctx, queue, func(b *batch) error {
		<-b.done
		for _, u := range b.out {
			if err := emit(u); err != nil {
				return err
			}
		}
		return nil
	})
	cancel()
	for b := range queue { // let the reader and the workers end
		<-b.done
	}
	wg.Wait()
	return errors.Join(err, readErr)
}

func drain[B any](ctx context.Context, queue <-chan B, f func(B) error) error {
	for b := range queue {
		if err := f(b); err != nil {
			return err
		}
		if err := ctx.Err(); err != nil {
			return err
		}
	}
	return ctx.Err()
}
