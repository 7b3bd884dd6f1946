package kernel

// The elementwise parts with everything at one position p in 8…15. Against the general path, what is left out cannot act: a
// product with a table's output, shifted to p, fits 16 bits.

func lstmGeneric(a *lstmArgs) {
	p, t := a.at.position, a.at.tables
	for n := range a.n {
		sums, wx := a.sums[n*panelRows:][:panelRows], a.wx[n*a.wxStride:][:panelRows]
		c, h := a.c[n*a.cStride:][:blockUnits], a.h[n*a.hStride:][:blockUnits]
		for u := range blockUnits {
			var wh, y, gate [4]int16
			for g := range 4 {
				wh[g] = sat16(int64(sums[g*blockUnits+u] >> a.shift[g][0]))
				y[g] = sat16(int64(wh[g]) + int64(wx[g*blockUnits+u]))
				gate[g] = t.sigmoid[t.sigmoidCentre+int(y[g]>>(p-7))]
			}
			gate[GateG] = t.tanh[t.tanhCentre+int(y[GateG]>>(p-8))]
			itCct := int32(gate[GateI]) * int32(gate[GateG]) >> (30 - p)
			ftC := int32(gate[GateF]) * c[u] >> 15
			cNext := sat16(int64(itCct) + int64(ftC))
			cTemp := t.tanh[t.tanhCentre+int(cNext>>(p-8))]
			c[u] = int32(cNext)
			h[u] = int16(int32(gate[GateO]) * int32(cTemp) >> (30 - p))
			if a.trace == nil {
				continue
			}
			node := func(k int) *int16 { return &a.trace[k*a.traceStride+n*blockUnits+u] }
			for g := range 4 {
				*node(3 * g), *node(3*g + 1), *node(3*g + 2) = wx[g*blockUnits+u], wh[g], y[g]
				*node(lstmGates + g) = gate[g]
			}
			*node(lstmItCct), *node(lstmFtC), *node(lstmCNext) = int16(itCct), int16(ftC), cNext
			*node(lstmCTemp), *node(lstmHNext) = cTemp, h[u]
		}
	}
}

func gruGeneric(a *gruArgs) {
	const rows = 3 * blockUnits
	p, t := a.at.position, a.at.tables
	for n := range a.n {
		wx, wh := a.wx[n*rows:][:rows], a.wh[n*rows:][:rows]
		old, h := a.old[n*blockUnits:][:blockUnits], a.h[n*blockUnits:][:blockUnits]
		for u := range blockUnits {
			f, g := u+blockUnits, u+2*blockUnits
			yi, yf := sat16(int64(wx[u])+int64(wh[u])), sat16(int64(wx[f])+int64(wh[f]))
			it := t.sigmoid[t.sigmoidCentre+int(yi>>(p-7))]
			ft := t.sigmoid[t.sigmoidCentre+int(yf>>(p-7))]
			itH := int32(it) * int32(wh[g]) >> 15
			yg := sat16(int64(wx[g]) + int64(itH))
			cct := t.tanh[t.tanhCentre+int(yg>>(p-8))]
			ftCct := int32(ft) * int32(cct) >> (30 - p)
			sub := int32(cct>>(15-p)) - ftCct
			ftH := int32(ft) * int32(old[u]) >> 15
			h[u] = sat16(int64(sub) + int64(ftH))
			if a.trace == nil {
				continue
			}
			for k, v := range [gruNodeCount]int16{
				wx[u], wh[u], yi, wx[f], wh[f], yf, it, ft, wx[g], wh[g], int16(itH), yg, cct, int16(ftCct), int16(sub), int16(ftH), h[u],
			} {
				a.trace[k*a.traceStride+n*blockUnits+u] = v
			}
		}
	}
}
