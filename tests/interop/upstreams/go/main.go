// EchoService and StreamService on grpc-go, described by its own reflection (v1 and v1alpha).
//
//	server FILE
//
// FILE is the descriptor set of proto/: its files are registered as generated code would do it, so
// that reflection finds them; Google's own files come from their modules.
package main

import (
	"context"
	"encoding/hex"
	"fmt"
	"log"
	"math"
	"net"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	_ "google.golang.org/genproto/googleapis/api/annotations"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/keepalive"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/reflection"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/protoadapt"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/descriptorpb"
	"google.golang.org/protobuf/types/dynamicpb"
	_ "google.golang.org/protobuf/types/known/anypb"
	_ "google.golang.org/protobuf/types/known/durationpb"
	_ "google.golang.org/protobuf/types/known/emptypb"
	_ "google.golang.org/protobuf/types/known/fieldmaskpb"
	_ "google.golang.org/protobuf/types/known/structpb"
	_ "google.golang.org/protobuf/types/known/timestamppb"
	_ "google.golang.org/protobuf/types/known/wrapperspb"
)

type message = protoreflect.Message

// How long each connection lives, by the environment; 0: for ever.
func connectionAge() time.Duration {
	milliseconds, _ := strconv.Atoi(os.Getenv("CONNECTION_AGE_MS"))
	return time.Duration(milliseconds) * time.Millisecond
}

// The value at a path of field names.
func get(m message, path string) protoreflect.Value {
	head, rest, deeper := strings.Cut(path, ".")
	value := m.Get(m.Descriptor().Fields().ByName(protoreflect.Name(head)))
	if deeper {
		return get(value.Message(), rest)
	}
	return value
}

func set(m message, name string, value protoreflect.Value) {
	m.Set(m.Descriptor().Fields().ByName(protoreflect.Name(name)), value)
}

func presence(m message, name string) string {
	if m.Has(m.Descriptor().Fields().ByName(protoreflect.Name(name))) {
		return "present"
	}
	return "absent"
}

func moment(m message) string {
	return fmt.Sprintf("%d s %d ns", get(m, "seconds").Int(), get(m, "nanos").Int())
}

func words(list protoreflect.List) string {
	texts := make([]string, list.Len())
	for i := range texts {
		texts[i] = list.Get(i).String()
	}
	return strings.Join(texts, " ")
}

func entry(m message, name string, key any) protoreflect.Value {
	return get(m, name).Map().Get(protoreflect.ValueOf(key).MapKey())
}

// What this language sees, in words that do not depend on it.
func facts(v message) map[string]string {
	text := func(path string) string { return fmt.Sprint(get(v, path).Interface()) }
	number := get(v, "color").Enum()
	color := v.Descriptor().Fields().ByName("color").Enum().Values().ByNumber(number).Name()
	ratio := entry(get(v, "struct").Message(), "fields", "ratio").Message()
	return map[string]string{
		"int64_value":                text("int64_value"),
		"uint64_value":               text("uint64_value"),
		"sint64_value":               text("sint64_value"),
		"fixed64_value":              text("fixed64_value"),
		"sint32_value":               text("sint32_value"),
		"double_is_nan":              strconv.FormatBool(math.IsNaN(get(v, "double_value").Float())),
		"float_is_negative_infinity": strconv.FormatBool(math.IsInf(get(v, "float_value").Float(), -1)),
		"bytes_value":                hex.EncodeToString(get(v, "bytes_value").Bytes()),
		"color":                      string(color),
		"int64_list":                 words(get(v, "int64_list").List()),
		"int64_by_name":              entry(v, "int64_by_name", "big").String(),
		"name_by_number":             entry(v, "name_by_number", int32(-3)).String(),
		"nested_in_map":              get(entry(v, "values_by_name", "one").Message(), "string_value").String(),
		"timestamp":                  moment(get(v, "timestamp").Message()),
		"duration":                   moment(get(v, "duration").Message()),
		"field_mask":                 words(get(v, "field_mask.paths").List()),
		"struct_number":              get(ratio, "number_value").String(),
		"any_type":                   text("any.type_url"),
		"int64_wrapper":              text("int64_wrapper.value"),
		"bytes_wrapper":              hex.EncodeToString(get(v, "bytes_wrapper.value").Bytes()),
		"bool_wrapper":               presence(v, "bool_wrapper") + ", " + text("bool_wrapper.value"),
		"choice":                     string(v.WhichOneof(v.Descriptor().Oneofs().ByName("choice")).Name()),
		"number":                     text("number"),
		"optional_int32":             presence(v, "optional_int32") + ", " + text("optional_int32"),
		"optional_string":            presence(v, "optional_string"),
		"grandchild":                 text("child.child.string_value"),
		"inner":                      text("inner.label"),
	}
}

// Channels that are closed when a Hang reaches a state, by id and state.
type hangs struct {
	mutex   sync.Mutex
	reached map[string]chan struct{}
}

func (h *hangs) state(id string, number protoreflect.EnumNumber) chan struct{} {
	key := fmt.Sprint(id, " ", number)
	h.mutex.Lock()
	defer h.mutex.Unlock()
	if h.reached[key] == nil {
		h.reached[key] = make(chan struct{})
	}
	return h.reached[key]
}

const (
	started   = 1
	cancelled = 2
)

var waiting = hangs{reached: map[string]chan struct{}{}}

// An error with a google.rpc detail.
func failure(code codes.Code, words string, detail protoadapt.MessageV1) error {
	made, err := status.New(code, words).WithDetails(detail)
	if err != nil {
		return err
	}
	return made.Err()
}

// A method: fills the answer.
type behavior func(ctx context.Context, request, answer message) error

var behaviors = map[protoreflect.Name]behavior{
	"Echo": func(_ context.Context, request, answer message) error {
		set(answer, "values", get(request, "values"))
		return nil
	},
	"EchoOld": func(_ context.Context, request, answer message) error {
		proto.Merge(answer.Interface(), request.Interface())
		return nil
	},
	"Inspect": func(_ context.Context, request, answer message) error {
		all := answer.Mutable(answer.Descriptor().Fields().ByName("facts")).Map()
		for key, value := range facts(get(request, "values").Message()) {
			all.Set(protoreflect.ValueOf(key).MapKey(), protoreflect.ValueOf(value))
		}
		return nil
	},
	"Reject": func(_ context.Context, request, _ message) error {
		return failure(codes.InvalidArgument, "rejected", &errdetails.BadRequest{
			FieldViolations: []*errdetails.BadRequest_FieldViolation{
				{Field: get(request, "field").String(), Description: get(request, "description").String()}}})
	},
	"GetTraceContext": func(ctx context.Context, _, answer message) error {
		pairs, _ := metadata.FromIncomingContext(ctx)
		for _, key := range []string{"traceparent", "tracestate"} {
			set(answer, key, protoreflect.ValueOf(strings.Join(pairs.Get(key), ",")))
		}
		return nil
	},
	"Hang": func(ctx context.Context, request, _ message) error {
		id := get(request, "id").String()
		close(waiting.state(id, started))
		<-ctx.Done()
		close(waiting.state(id, cancelled))
		return ctx.Err()
	},
	"AwaitHang": func(ctx context.Context, request, answer message) error {
		state := get(request, "state")
		select {
		case <-waiting.state(get(request, "id").String(), state.Enum()):
			set(answer, "state", state)
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	},
}

func load(path string) error {
	bytes, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	files := &descriptorpb.FileDescriptorSet{}
	if err := proto.Unmarshal(bytes, files); err != nil {
		return err
	}
	for _, file := range files.File {
		made, err := protodesc.NewFile(file, protoregistry.GlobalFiles)
		if err != nil {
			return err
		}
		if err := protoregistry.GlobalFiles.RegisterFile(made); err != nil {
			return err
		}
	}
	return nil
}

func find(name protoreflect.FullName) protoreflect.ServiceDescriptor {
	found, err := protoregistry.GlobalFiles.FindDescriptorByName(name)
	if err != nil {
		log.Fatal(err)
	}
	return found.(protoreflect.ServiceDescriptor)
}

func describe(service protoreflect.ServiceDescriptor) *grpc.ServiceDesc {
	description := &grpc.ServiceDesc{ServiceName: string(service.FullName()), HandlerType: (*any)(nil),
		Metadata: service.ParentFile().Path()}
	for i := range service.Methods().Len() {
		method := service.Methods().Get(i)
		behave := behaviors[method.Name()]
		description.Methods = append(description.Methods, grpc.MethodDesc{
			MethodName: string(method.Name()),
			Handler: func(_ any, ctx context.Context, decode func(any) error,
				_ grpc.UnaryServerInterceptor) (any, error) {
				request, answer := dynamicpb.NewMessage(method.Input()), dynamicpb.NewMessage(method.Output())
				if err := decode(request); err != nil {
					return nil, err
				}
				return answer, behave(ctx, request, answer)
			},
		})
	}
	return description
}

func main() {
	if err := load(os.Args[1]); err != nil {
		log.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	server := grpc.NewServer(grpc.KeepaliveParams(keepalive.ServerParameters{
		MaxConnectionAge: connectionAge(), MaxConnectionAgeGrace: time.Second}))
	server.RegisterService(describe(find("interop.v1.EchoService")), nil)
	server.RegisterService(describeStreams(find("interop.streams.v1.StreamService")), nil)
	reflection.Register(server)
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGTERM)
	go func() {
		<-stop
		server.Stop()
	}()
	fmt.Printf("ready grpc=%s\n", listener.Addr())
	if err := server.Serve(listener); err != nil {
		log.Fatal(err)
	}
}
