package main

import (
	"context"
	"errors"
	"io"
	"math"
	"sync"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/dynamicpb"
)

// A call of StreamService with the descriptors of its messages.
type stream struct {
	grpc.ServerStream
	method protoreflect.MethodDescriptor
}

// The next message of the client; io.EOF after the last.
func (s stream) receive() (message, error) {
	request := dynamicpb.NewMessage(s.method.Input())
	return request, s.RecvMsg(request)
}

func (s stream) send(fields map[string]any) error {
	answer := dynamicpb.NewMessage(s.method.Output())
	for name, value := range fields {
		set(answer, name, protoreflect.ValueOf(value))
	}
	return s.SendMsg(answer)
}

// Sends 1 to last, a number each interval.
func (s stream) count(last, milliseconds int64) error {
	for value := int64(1); value <= last; value++ {
		if !wait(s.Context(), time.Duration(milliseconds)*time.Millisecond) {
			return s.Context().Err()
		}
		if err := s.send(map[string]any{"value": value}); err != nil {
			return err
		}
	}
	return nil
}

// False if the call is cancelled before.
func wait(ctx context.Context, duration time.Duration) bool {
	select {
	case <-time.After(duration):
		return true
	case <-ctx.Done():
		return false
	}
}

// Channels of one value, the moment in which a call was cancelled, by the call's id.
type moments struct {
	mutex sync.Mutex
	byID  map[string]chan time.Time
}

func (m *moments) of(id string) chan time.Time {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	if m.byID[id] == nil {
		m.byID[id] = make(chan time.Time, 1)
	}
	return m.byID[id]
}

var cancellations = moments{byID: map[string]chan time.Time{}}

// What a method of one request does with it.
type answering func(s stream, request message) error

func one(answer answering) func(s stream) error {
	return func(s stream) error {
		request, err := s.receive()
		if err != nil {
			return err
		}
		return answer(s, request)
	}
}

var streamBehaviors = map[protoreflect.Name]func(s stream) error{
	"Count": one(func(s stream, request message) error {
		return s.count(get(request, "count").Int(), get(request, "interval_ms").Int())
	}),
	"Sum": func(s stream) error {
		sum, count := int64(0), int32(0)
		for {
			number, err := s.receive()
			if errors.Is(err, io.EOF) {
				return s.send(map[string]any{"sum": sum, "count": count})
			}
			if err != nil {
				return err
			}
			sum += get(number, "value").Int()
			count++
		}
	},
	"Echo": func(s stream) error {
		for {
			number, err := s.receive()
			if errors.Is(err, io.EOF) {
				return nil
			}
			if err != nil {
				return err
			}
			if err := s.send(map[string]any{"value": get(number, "value").Int()}); err != nil {
				return err
			}
		}
	},
	"Fail": one(func(s stream, request message) error {
		if err := s.count(3, 0); err != nil {
			return err
		}
		return failure(codes.FailedPrecondition, "broken after three numbers", &errdetails.PreconditionFailure{
			Violations: []*errdetails.PreconditionFailure_Violation{
				{Type: "STREAM", Subject: get(request, "subject").String(), Description: "ends here"}}})
	}),
	"Forever": one(func(s stream, request message) error {
		err := s.count(math.MaxInt64, get(request, "interval_ms").Int())
		cancellations.of(get(request, "id").String()) <- time.Now()
		return err
	}),
	"Slow": one(func(s stream, request message) error {
		seconds := int32(get(request, "seconds").Int())
		if !wait(s.Context(), time.Duration(seconds)*time.Second) {
			cancellations.of(get(request, "id").String()) <- time.Now()
			return s.Context().Err()
		}
		return s.send(map[string]any{"seconds": seconds})
	}),
	"AwaitCancelled": one(func(s stream, request message) error {
		select {
		case moment := <-cancellations.of(get(request, "id").String()):
			return s.send(map[string]any{"unix_ms": moment.UnixMilli()})
		case <-s.Context().Done():
			return s.Context().Err()
		}
	}),
}

// Unary methods are streams of one message each way: on the wire there is no difference.
func describeStreams(service protoreflect.ServiceDescriptor) *grpc.ServiceDesc {
	description := &grpc.ServiceDesc{ServiceName: string(service.FullName()), HandlerType: (*any)(nil),
		Metadata: service.ParentFile().Path()}
	for i := range service.Methods().Len() {
		method := service.Methods().Get(i)
		behave := streamBehaviors[method.Name()]
		description.Streams = append(description.Streams, grpc.StreamDesc{
			StreamName:    string(method.Name()),
			ServerStreams: method.IsStreamingServer(),
			ClientStreams: method.IsStreamingClient(),
			Handler: func(_ any, s grpc.ServerStream) error {
				return behave(stream{ServerStream: s, method: method})
			},
		})
	}
	return description
}
