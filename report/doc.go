// Package report renders what a verification or a comparison found as one HTML page that needs nothing but itself: styles, scripts
// and data are in it, and its content security policy lets no request leave.
//
// Write takes any verify.Report. One that was made with details (verify.Job.Detail, verify.CaseOptions.Detail) has the pictures too: heat
// maps, courses over time, how values lie in their ranges, what was looked up in tables, coverage, the cause. The tables and
// pictures are complete without scripts, which add reading values off by mouse and keyboard.
package report
