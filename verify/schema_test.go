package verify

import (
	"encoding"
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// fieldNames collects the names that a type has in JSON, with those of what it holds.
func fieldNames(of reflect.Type, into map[string]bool) {
	switch of.Kind() {
	case reflect.Pointer, reflect.Slice:
		fieldNames(of.Elem(), into)
	case reflect.Struct:
		if of.Implements(reflect.TypeFor[encoding.TextMarshaler]()) {
			return
		}
		for i := range of.NumField() {
			field := of.Field(i)
			name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
			if name != "" {
				into[name] = true
			}
			if field.IsExported() {
				fieldNames(field.Type, into)
			}
		}
	}
}

// The page that documents the report names every field of it.
func TestThePageOfTheReportNamesEveryField(t *testing.T) {
	page, err := os.ReadFile("../docs/verify-report.md")
	require.NoError(t, err)
	names := map[string]bool{}
	fieldNames(reflect.TypeFor[Report](), names)
	require.Greater(t, len(names), 60)
	for name := range names {
		require.Contains(t, string(page), "`"+name+"`")
	}
	require.Contains(t, string(page), "| `schema` | 1 |")
	require.Equal(t, 1, ReportSchema)
}
