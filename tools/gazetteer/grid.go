// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import "math"

// The ellipsoids: Airy 1830, on which the National Grid lies, and that of WGS84.
const (
	airyA, airyB = 6377563.396, 6356256.909
	wgsA, wgsB   = 6378137.0, 6356752.314245
)

// degrees turns metres of the British National Grid into degrees of WGS84, good
// to about five metres (Ordnance Survey, A guide to coordinate systems in Great
// Britain, annexes B and C: transverse Mercator, then seven parameters).
func degrees(east, north float64) (lat, long float64) {
	const (
		scale         = 0.9996012717
		lat0          = 49 * math.Pi / 180
		long0         = -2 * math.Pi / 180
		east0, north0 = 400000, -100000
		e2            = 1 - airyB*airyB/(airyA*airyA)
		n             = (airyA - airyB) / (airyA + airyB)
		centimetre    = 1e-5
		roundsAtMost  = 50
		n3            = n * n * n
	)
	phi, arc := lat0, 0.0
	for range roundsAtMost {
		phi += (north - north0 - arc) / (airyA * scale)
		d, s := phi-lat0, phi+lat0
		arc = airyB * scale * ((1+n+1.25*(n*n+n3))*d - (3*n+3*n*n+2.625*n3)*math.Sin(d)*math.Cos(s) +
			1.875*(n*n+n3)*math.Sin(2*d)*math.Cos(2*s) - 35.0/24*n3*math.Sin(3*d)*math.Cos(3*s))
		if math.Abs(north-north0-arc) < centimetre {
			break
		}
	}
	sin, cos, tan := math.Sin(phi), math.Cos(phi), math.Tan(phi)
	nu := airyA * scale / math.Sqrt(1-e2*sin*sin)
	rho := airyA * scale * (1 - e2) / math.Pow(1-e2*sin*sin, 1.5)
	eta := nu/rho - 1
	t2 := tan * tan
	x := (east - east0) / nu
	phi -= tan * nu / rho * (x*x/2 - math.Pow(x, 4)/24*(5+3*t2+eta-9*t2*eta) + math.Pow(x, 6)/720*(61+90*t2+45*t2*t2))
	lambda := long0 + (x-x*x*x/6*(nu/rho+2*t2)+math.Pow(x, 5)/120*(5+28*t2+24*t2*t2)-math.Pow(x, 7)/5040*(61+662*t2+1320*t2*t2+720*t2*t2*t2))/cos
	return shift(phi, lambda)
}

// shift moves radians on Airy's ellipsoid to degrees on that of WGS84.
func shift(phi, lambda float64) (lat, long float64) {
	const second = math.Pi / 180 / 3600
	e2 := 1 - airyB*airyB/(airyA*airyA)
	nu := airyA / math.Sqrt(1-e2*math.Sin(phi)*math.Sin(phi))
	x, y, z := nu*math.Cos(phi)*math.Cos(lambda), nu*math.Cos(phi)*math.Sin(lambda), nu*(1-e2)*math.Sin(phi)
	const (
		tx, ty, tz = 446.448, -125.157, 542.060
		rx, ry, rz = 0.1502 * second, 0.2470 * second, 0.8421 * second
		s          = 1 - 20.4894e-6
	)
	x2, y2, z2 := tx+x*s-y*rz+z*ry, ty+x*rz+y*s-z*rx, tz-x*ry+y*rx+z*s
	e2 = 1 - wgsB*wgsB/(wgsA*wgsA)
	p := math.Hypot(x2, y2)
	phi = math.Atan2(z2, p*(1-e2))
	for range 10 {
		nu = wgsA / math.Sqrt(1-e2*math.Sin(phi)*math.Sin(phi))
		phi = math.Atan2(z2+e2*nu*math.Sin(phi), p)
	}
	return phi * 180 / math.Pi, math.Atan2(y2, x2) * 180 / math.Pi
}
