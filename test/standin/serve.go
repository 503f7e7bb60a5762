package main

import (
	"context"
	"crypto/tls"
	"encoding/binary"
	"encoding/json"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"
)

type healthAnswer struct {
	Service       string `json:"service"`
	Status        string `json:"status"`
	Version       string `json:"version"`
	GitHash       string `json:"git_hash"`
	BuildProfile  string `json:"build_profile"`
	UptimeSeconds int64  `json:"uptime_seconds"`
}

func healthOf(service string, started time.Time) healthAnswer {
	status := "ok"
	if faulty("unhealthy") {
		status = "degraded"
	}
	return healthAnswer{service, status, statedVersion("healthz"), statedHash(), buildProfile, int64(time.Since(started).Seconds())}
}

// dashboard is the folder with the web page: PALYRA_WEB_DIST_DIR, `web` beside the executable, or a checkout above it.
// Empty when there is none.
func dashboard() string {
	if faulty("build-path") {
		return filepath.Join(buildFolder, "apps", "web", "dist")
	}
	own := ownFolder()
	places := []string{os.Getenv("PALYRA_WEB_DIST_DIR"), filepath.Join(own, "web")}
	working, _ := os.Getwd()
	for _, above := range []string{own, working} {
		for n := 0; n < 8; n++ {
			places = append(places, filepath.Join(above, "apps", "web", "dist"))
			above = filepath.Dir(above)
		}
	}
	for _, place := range places {
		if place == "" {
			continue
		}
		if _, err := os.Stat(filepath.Join(place, "index.html")); err == nil {
			return place
		}
	}
	return ""
}

// adminPath answers whoever has the admin token. The real one's addresses are its own; doctor asks one of them.
const adminPath = "/admin/v1/status"

func serveHTTP(address, service string, started time.Time, web, token string) error {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		if faulty("unhealthy") {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
		json.NewEncoder(w).Encode(healthOf(service, started))
	})
	mux.HandleFunc("GET "+adminPath, func(w http.ResponseWriter, r *http.Request) {
		if token == "" || r.Header.Get("Authorization") != "Bearer "+token || faulty("admin-refuses") {
			http.Error(w, "the admin token is needed", http.StatusUnauthorized)
		}
	})
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		if _, err := os.Stat(web); err != nil && faulty("build-path") {
			http.Error(w, err.Error(), http.StatusServiceUnavailable)
			return
		}
		if web == "" || faulty("no-dashboard") {
			http.Error(w, "the dashboard is not part of this installation (stand-in for tests)", http.StatusServiceUnavailable)
			return
		}
		http.FileServer(http.Dir(web)).ServeHTTP(w, r)
	})
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return fail(exitInternal, "%v", err)
	}
	logLine("INFO", "listening", map[string]any{"address": listener.Addr().String(), "service": service})
	go http.Serve(listener, mux)
	if faulty("link-shy") && service == "palyrad" {
		go onceLinkIsDown(func() { listener.Close() })
	}
	return nil
}

// What the stand-in speaks of gRPC: the standard health service (grpc.health.v1.Health/Check), unencrypted HTTP/2. Who
// answers is said in headers of our own.
const healthMethod = "/grpc.health.v1.Health/Check"

// servingMessage is a frame (no compression, length 2) with HealthCheckResponse{status: SERVING}.
var servingMessage = append(frame(2), 0x08, 0x01)

func frame(length int) []byte {
	return binary.BigEndian.AppendUint32([]byte{0}, uint32(length))
}

// serveGRPC is unencrypted unless there is a certificate to present.
func serveGRPC(address, service string, started time.Time, presented *tls.Certificate) error {
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return fail(exitInternal, "%v", err)
	}
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, io.LimitReader(r.Body, 1<<20))
		header := w.Header()
		header.Set("Content-Type", "application/grpc")
		header.Set("Trailer", "Grpc-Status")
		if r.URL.Path != healthMethod {
			header.Set("Grpc-Status", "12")
			return
		}
		state, _ := json.Marshal(healthOf(service, started))
		header.Set("X-Standin-Health", string(state))
		w.Write(servingMessage)
		header.Set("Grpc-Status", "0")
	})}
	server.Protocols = new(http.Protocols)
	if presented != nil {
		server.Protocols.SetHTTP2(true)
		server.TLSConfig = &tls.Config{Certificates: []tls.Certificate{*presented}}
		server.ErrorLog = log.New(io.Discard, "", 0)
		go server.ServeTLS(listener, "", "")
		return nil
	}
	server.Protocols.SetUnencryptedHTTP2(true)
	go server.Serve(listener)
	return nil
}

// askGRPC asks a gateway over gRPC how it is.
func askGRPC(url string, patience time.Duration) (healthAnswer, error) {
	transport := &http.Transport{Protocols: new(http.Protocols)}
	transport.Protocols.SetUnencryptedHTTP2(true)
	answer := healthAnswer{}
	limit, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	reader, writer := io.Pipe()
	go func() { writer.Write(frame(0)); writer.Close() }()
	request, err := http.NewRequestWithContext(limit, http.MethodPost, url+healthMethod, reader)
	if err != nil {
		return answer, err
	}
	request.Header.Set("Content-Type", "application/grpc")
	request.Header.Set("TE", "trailers")
	response, err := transport.RoundTrip(request)
	if err != nil {
		return answer, err
	}
	defer response.Body.Close()
	io.Copy(io.Discard, response.Body)
	if status := response.Trailer.Get("Grpc-Status"); status != "0" {
		return answer, fail(exitConnectivity, "gRPC answered status %s", status)
	}
	return answer, json.Unmarshal([]byte(response.Header.Get("X-Standin-Health")), &answer)
}

func askHTTP(url string, patience time.Duration) (healthAnswer, error) {
	client := http.Client{Timeout: patience}
	answer := healthAnswer{}
	response, err := client.Get(url + "/healthz")
	if err != nil {
		return answer, err
	}
	defer response.Body.Close()
	if err := json.NewDecoder(response.Body).Decode(&answer); err != nil {
		return answer, err
	}
	if response.StatusCode != http.StatusOK {
		return answer, fail(exitConnectivity, "HTTP answered %s", response.Status)
	}
	return answer, nil
}

// askAdmin asks a gateway for what only the admin token opens.
func askAdmin(url, token string, patience time.Duration) error {
	request, err := http.NewRequest(http.MethodGet, url+adminPath, nil)
	if err != nil {
		return err
	}
	request.Header.Set("Authorization", "Bearer "+token)
	client := http.Client{Timeout: patience}
	response, err := client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fail(exitConnectivity, "HTTP answered %s", response.Status)
	}
	return nil
}
