package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/stretchr/testify/require"

	"rnnsim/internal/suitetest"
)

// kubernetesJob is what docs/suites.md uses of a Kubernetes Job; other keys are mistakes.
type kubernetesJob struct {
	APIVersion string `yaml:"apiVersion"`
	Kind       string
	Metadata   struct{ Name string }
	Spec       struct {
		Completions, Parallelism int
		CompletionMode           string `yaml:"completionMode"`
		Template                 struct {
			Spec struct {
				RestartPolicy string `yaml:"restartPolicy"`
				Containers    []struct {
					Name, Image  string
					Command      []string
					VolumeMounts []struct {
						Name      string
						MountPath string `yaml:"mountPath"`
					} `yaml:"volumeMounts"`
				}
				Volumes []struct {
					Name                  string
					PersistentVolumeClaim struct {
						ClaimName string `yaml:"claimName"`
					} `yaml:"persistentVolumeClaim"`
				}
			}
		}
	}
}

// githubWorkflow is what it uses of a workflow of GitHub Actions.
type githubWorkflow struct {
	On   string
	Jobs struct{ Shard, Merge githubJob }
}

type githubJob struct {
	Needs    string
	RunsOn   string `yaml:"runs-on"`
	Strategy struct {
		FailFast bool `yaml:"fail-fast"`
		Matrix   struct{ Shard []int }
	}
	Steps []struct {
		Uses, Run string
		With      struct{ Name, Path string }
	}
}

// gitlabPipeline is what it uses of a pipeline of GitLab.
type gitlabPipeline struct {
	Shard struct {
		Parallel  int
		Script    []string
		Artifacts struct{ Paths []string }
	}
	Merge struct {
		Needs, Script []string
		Artifacts     struct {
			When    string
			Paths   []string
			Reports struct{ JUnit string }
		}
	}
}

// docsYAML gives the one YAML block of docs/suites.md with a text in it, read strictly.
func docsYAML(t *testing.T, mark string, into any) {
	t.Helper()
	for _, block := range suitetest.YAMLBlocks(t, filepath.Join("..", "..", "docs", "suites.md")) {
		if strings.Contains(block, mark) {
			require.NoError(t, yaml.UnmarshalWithOptions([]byte(block), into, yaml.Strict()), block)
			return
		}
	}
	t.Fatalf("docs/suites.md has no YAML with %q", mark)
}

// platformSuite has cases that pass, one that is below its bound, and one that cannot be judged.
const platformSuite = slurmSuite + `  - {models: [vectors/digits-gru8/xmodel], seeds: [9], device: {name: none, command: [no-such-program]}}
`

// platform runs what the pages show for one, in a folder of its own.
type platform struct {
	t    *testing.T
	work string // a checkout, with suite.yaml
	one  string // results of the whole suite
}

func newPlatform(t *testing.T) *platform {
	if testing.Short() {
		t.Skip("runs a suite several times")
	}
	p := &platform{t: t, work: suiteFolder(t, platformSuite), one: filepath.Join(t.TempDir(), "one")}
	p.regress(exitDiffers, "regress", "--results", p.one, "--today", "2026-12-01", "suite.yaml")
	return p
}

func (p *platform) regress(want int, args ...string) {
	p.t.Helper()
	command := commandIn(p.work, args...)
	out, _ := command.CombinedOutput() // how it ended is in the state
	require.Equal(p.t, want, command.ProcessState.ExitCode(), "%s", out)
}

// run runs a command with more in the environment and wants it to end with the exit code.
func (p *platform) run(want int, dir string, environment []string, words ...string) {
	p.t.Helper()
	command := exec.Command(words[0], words[1:]...)
	command.Dir = dir
	command.Env = append(os.Environ(), environment...)
	out, _ := command.CombinedOutput() // how it ended is in the state
	require.Equal(p.t, want, command.ProcessState.ExitCode(), "%q: %s", words, out)
}

func TestTheKubernetesJobInTheDocsMergesToTheBytesOfOneMachine(t *testing.T) {
	var job kubernetesJob
	docsYAML(t, "kind: Job", &job)
	p := newPlatform(t)
	pod := job.Spec.Template.Spec
	require.Equal(t, []string{"batch/v1", "Job", "Indexed"}, []string{job.APIVersion, job.Kind, job.Spec.CompletionMode})
	require.Contains(t, []string{"OnFailure", "Never"}, pod.RestartPolicy) // no other is allowed
	require.Len(t, pod.Containers, 1)
	container := pod.Containers[0]
	require.Len(t, container.VolumeMounts, 1)
	require.Equal(t, container.VolumeMounts[0].Name, pod.Volumes[0].Name)
	volume := t.TempDir()
	// The folders of a container are those of this machine.
	here := strings.NewReplacer(container.VolumeMounts[0].MountPath+"/", volume+"/", "/suite/", p.work+"/")
	for index := range job.Spec.Completions {
		words := make([]string, len(container.Command))
		for i, word := range container.Command {
			words[i] = here.Replace(word)
		}
		p.run(exitSame, t.TempDir(), []string{fmt.Sprintf("JOB_COMPLETION_INDEX=%d", index)}, words...)
	}
	text, err := os.ReadFile(filepath.Join("..", "..", "docs", "suites.md"))
	require.NoError(t, err)
	merge := regexp.MustCompile("Then, once it is complete: `(.*)`").FindStringSubmatch(string(text))
	require.NotNil(t, merge)
	p.run(exitDiffers, p.work, nil, "sh", "-c", here.Replace(merge[1]))
	suitetest.RequireSameResults(t, p.one, filepath.Join(volume, "merged"))
	require.FileExists(t, filepath.Join(p.work, "junit.xml"))
}

func TestTheGitHubMatrixInTheDocsMergesToTheBytesOfOneMachine(t *testing.T) {
	var workflow githubWorkflow
	docsYAML(t, "runs-on:", &workflow)
	p := newPlatform(t)
	shard, merge := workflow.Jobs.Shard, workflow.Jobs.Merge
	require.Equal(t, "shard", merge.Needs)
	require.False(t, shard.Strategy.FailFast, "one shard that differs must not end the others")
	require.Len(t, shard.Steps, 3)
	require.Equal(t, "actions/checkout@v4", shard.Steps[0].Uses)
	require.Equal(t, "actions/upload-artifact@v4", shard.Steps[2].Uses)
	artifacts := t.TempDir()
	for _, index := range shard.Strategy.Matrix.Shard {
		for _, step := range shard.Steps {
			here := func(text string) string { return strings.ReplaceAll(text, "${{ matrix.shard }}", fmt.Sprint(index)) }
			if step.Run != "" {
				p.run(exitSame, p.work, nil, "bash", "-e", "-c", here(step.Run))
			}
			if strings.HasPrefix(step.Uses, "actions/upload-artifact") {
				upload(t, filepath.Join(p.work, here(step.With.Path)), filepath.Join(artifacts, here(step.With.Name)))
			}
		}
	}
	// The other job's checkout has nothing but the artifacts, each in a folder of its name.
	require.Len(t, merge.Steps, 2)
	require.Equal(t, "actions/download-artifact@v4", merge.Steps[0].Uses)
	summary := filepath.Join(t.TempDir(), "summary.md")
	p.run(exitDiffers, artifacts, []string{"GITHUB_STEP_SUMMARY=" + summary}, "bash", "-e", "-c", merge.Steps[1].Run)
	suitetest.RequireSameResults(t, p.one, filepath.Join(artifacts, "merged"))
	require.FileExists(t, summary)
}

// upload copies a folder as an artifact is: without hidden files.
func upload(t *testing.T, from, to string) {
	t.Helper()
	require.NoError(t, os.CopyFS(to, os.DirFS(from)))
	require.NoError(t, filepath.WalkDir(to, func(path string, entry os.DirEntry, err error) error {
		if err == nil && path != to && strings.HasPrefix(entry.Name(), ".") {
			return os.RemoveAll(path)
		}
		return err
	}))
}

func TestTheGitLabPipelineInTheDocsMergesToTheBytesOfOneMachine(t *testing.T) {
	var pipeline gitlabPipeline
	docsYAML(t, "parallel: 4", &pipeline)
	p := newPlatform(t)
	require.Equal(t, []string{"shard"}, pipeline.Merge.Needs)
	merging := t.TempDir()
	for index := range pipeline.Shard.Parallel {
		environment := []string{fmt.Sprintf("CI_NODE_INDEX=%d", index+1), fmt.Sprintf("CI_NODE_TOTAL=%d", pipeline.Shard.Parallel)}
		p.run(exitSame, p.work, environment, "sh", "-ec", strings.Join(pipeline.Shard.Script, "\n"))
	}
	for _, pattern := range pipeline.Shard.Artifacts.Paths {
		shards, err := filepath.Glob(filepath.Join(p.work, pattern))
		require.NoError(t, err)
		require.Len(t, shards, pipeline.Shard.Parallel)
		for _, shard := range shards {
			upload(t, shard, filepath.Join(merging, filepath.Base(shard)))
		}
	}
	p.run(exitDiffers, merging, nil, "sh", "-ec", strings.Join(pipeline.Merge.Script, "\n"))
	suitetest.RequireSameResults(t, p.one, filepath.Join(merging, pipeline.Merge.Artifacts.Paths[0]))
	require.FileExists(t, filepath.Join(merging, pipeline.Merge.Artifacts.Reports.JUnit))
}
