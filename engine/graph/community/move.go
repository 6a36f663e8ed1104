// SPDX-License-Identifier: Apache-2.0

package community

// move is the fast local moving of Leiden: nodes wait in a queue, each goes to
// the community around it that gains most, and wakes those of its neighbours
// that are elsewhere. It reports whether any node moved.
func (s *search) move(l *level, member []uint32) bool {
	x, n := s.scratch, l.n()
	clear(x.strength)
	clear(x.size)
	for u, c := range member {
		x.strength[c] += l.strength[u]
		x.size[c]++
	}
	x.free = x.free[:0]
	for c := n - 1; c >= 0; c-- {
		if x.size[c] == 0 {
			x.free = append(x.free, uint32(c))
		}
	}
	queue := x.queue[:n]
	for i := range queue {
		queue[i] = uint32(i)
		x.waiting[i] = true
	}
	s.rng.Shuffle(n, func(i, j int) { queue[i], queue[j] = queue[j], queue[i] })
	moved := false
	head, waiting := 0, n
	for steps := 0; waiting > 0; steps++ {
		if steps&0xffff == 0xffff && s.ctx.Err() != nil {
			break
		}
		u := queue[head]
		head++
		if head == n {
			head = 0
		}
		waiting--
		x.waiting[u] = false
		if !s.place(l, u, member) {
			continue
		}
		moved = true
		to, _ := l.arcs(u)
		for _, v := range to {
			if !x.waiting[v] && member[v] != member[u] {
				x.waiting[v] = true
				tail := head + waiting
				if tail >= n {
					tail -= n
				}
				queue[tail] = v
				waiting++
			}
		}
	}
	clear(x.waiting[:n])
	return moved
}

// place puts u into the best community around it, an empty one included, and
// reports whether that is another one.
func (s *search) place(l *level, u uint32, member []uint32) bool {
	x := s.scratch
	own, k := member[u], l.strength[u]
	x.meet(l, u, member)
	x.strength[own] -= k
	x.size[own]--
	pull := k * s.resolution
	best, most := own, x.weight[own]-pull*x.strength[own]
	for _, c := range x.touched {
		if gain := x.weight[c] - pull*x.strength[c]; gain > most+s.least {
			best, most = c, gain
		}
	}
	if most < -s.least && x.size[own] > 0 && len(x.free) > 0 { // alone is better than here
		best = x.free[len(x.free)-1]
		x.free = x.free[:len(x.free)-1]
	}
	x.forget()
	if best != own && x.size[own] == 0 {
		x.free = append(x.free, own)
	}
	x.strength[best] += k
	x.size[best]++
	member[u] = best
	return best != own
}

// refine splits each community into well-connected parts: every node begins
// alone and may join a part of its own community, if both are well connected to
// the rest of it, so that no community is ever held together by a node that
// left. It takes the best part rather than a random one weighted by exp(gain/θ);
// with the usual θ of 0.01 that is the same but for ties.
func (s *search) refine(l *level, member []uint32, groups int) []uint32 {
	x, n := s.scratch, l.n()
	whole := make([]float64, groups)
	for u, c := range member {
		whole[c] += l.strength[u]
	}
	part := make([]uint32, n)
	for u := range part {
		part[u] = uint32(u)
		x.strength[u] = l.strength[u]
		x.size[u] = 1
		x.cut[u] = 0
		to, weight := l.arcs(uint32(u))
		for i, v := range to {
			if member[v] == member[u] {
				if weight == nil {
					x.cut[u]++
				} else {
					x.cut[u] += weight[i]
				}
			}
		}
	}
	order := x.queue[:n]
	for i := range order {
		order[i] = uint32(i)
	}
	s.rng.Shuffle(n, func(i, j int) { order[i], order[j] = order[j], order[i] })
	for _, u := range order {
		s.join(l, u, member, part, whole[member[u]])
	}
	return part
}

// join puts u, if it is still alone, into the part that gains most.
func (s *search) join(l *level, u uint32, member, part []uint32, whole float64) {
	x := s.scratch
	k := l.strength[u]
	if x.size[u] != 1 || part[u] != u || x.cut[u] < s.resolution*k*(whole-k) {
		return
	}
	to, weight := l.arcs(u)
	for i, v := range to {
		if member[v] != member[u] {
			continue
		}
		p := part[v]
		if x.weight[p] == 0 {
			x.touched = append(x.touched, p)
		}
		if weight == nil {
			x.weight[p]++
		} else {
			x.weight[p] += weight[i]
		}
	}
	best, most := u, 0.0
	for _, p := range x.touched {
		if x.cut[p] < s.resolution*x.strength[p]*(whole-x.strength[p]) {
			continue
		}
		if gain := x.weight[p] - k*s.resolution*x.strength[p]; gain > most+s.least {
			best, most = p, gain
		}
	}
	if best != u {
		x.cut[best] += x.cut[u] - 2*x.weight[best]
		x.strength[best] += k
		x.size[best]++
		x.size[u] = 0
		part[u] = best
	}
	x.forget()
}
