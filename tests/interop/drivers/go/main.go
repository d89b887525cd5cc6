// driver URL | driver stdio COMMAND...   takes steps (steps.py) by Go's SDK.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log"
	"os"
	"os/exec"
	"sync"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

type step struct {
	List        bool           `json:"list"`
	Tool        string         `json:"tool"`
	Arguments   map[string]any `json:"arguments"`
	Progress    bool           `json:"progress"`
	CancelAfter int            `json:"cancel_after"`
}

type outcome struct {
	Tools       []*mcp.Tool         `json:"tools,omitempty"`
	Result      *mcp.CallToolResult `json:"result,omitempty"`
	Progress    [][2]any            `json:"progress,omitempty"`
	CancelledMs int64               `json:"cancelled_ms,omitempty"`
	Error       string              `json:"error,omitempty"`
}

// Progress comes for the step under way: its token says for which.
type progress struct {
	mutex sync.Mutex
	token int
	note  func(*mcp.ProgressNotificationParams)
}

func (p *progress) set(token int, note func(*mcp.ProgressNotificationParams)) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	p.token, p.note = token, note
}

func (p *progress) handle(_ context.Context, request *mcp.ProgressNotificationClientRequest) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	if fmt.Sprint(request.Params.ProgressToken) == fmt.Sprint(p.token) && p.note != nil {
		p.note(request.Params)
	}
}

func take(ctx context.Context, session *mcp.ClientSession, notes *progress, token int, todo step) (done outcome) {
	if todo.List {
		list, err := session.ListTools(ctx, nil)
		if err != nil {
			return outcome{Error: err.Error()}
		}
		return outcome{Tools: list.Tools}
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	params := &mcp.CallToolParams{Name: todo.Tool, Arguments: todo.Arguments}
	if todo.Progress {
		params.Meta = mcp.Meta{}
		params.SetProgressToken(token)
		notes.set(token, func(came *mcp.ProgressNotificationParams) {
			done.Progress = append(done.Progress, [2]any{came.Progress, came.Message})
			if len(done.Progress) == todo.CancelAfter {
				done.CancelledMs = time.Now().UnixMilli()
				cancel()
			}
		})
		defer notes.set(0, nil)
	}
	result, err := session.CallTool(ctx, params)
	notes.mutex.Lock()
	defer notes.mutex.Unlock()
	done.Result = result
	if err != nil && done.CancelledMs == 0 {
		done.Error = err.Error()
	}
	return done
}

func main() {
	var steps []step
	if err := json.NewDecoder(os.Stdin).Decode(&steps); err != nil {
		log.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 60*time.Second)
	defer cancel()
	notes := &progress{}
	client := mcp.NewClient(&mcp.Implementation{Name: "driver", Version: "1.0.0"},
		&mcp.ClientOptions{ProgressNotificationHandler: notes.handle})
	var transport mcp.Transport = &mcp.StreamableClientTransport{Endpoint: os.Args[1]}
	if os.Args[1] == "stdio" {
		transport = &mcp.CommandTransport{Command: exec.Command(os.Args[2], os.Args[3:]...)}
	}
	session, err := client.Connect(ctx, transport, nil)
	if err != nil {
		log.Fatal(err)
	}
	outcomes := make([]outcome, len(steps))
	for i, todo := range steps {
		outcomes[i] = take(ctx, session, notes, i+1, todo)
	}
	if err := session.Close(); err != nil {
		log.Fatal(err)
	}
	if err := json.NewEncoder(os.Stdout).Encode(outcomes); err != nil {
		log.Fatal(err)
	}
}
