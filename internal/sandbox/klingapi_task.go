package sandbox

import (
	"fmt"
	"strconv"
	"strings"
)

// klingTask is the task object of Kling's envelope (F.4); a callback carries
// the same.
func klingTask(c *call, t *task) (object, error) {
	ph := t.phase(c.now)
	info := object{}
	if t.ExternalID != "" {
		info["external_task_id"] = t.ExternalID
	}
	data := object{
		"task_id": t.ID, "task_status": klingWord(ph), "task_status_msg": "", "task_info": info,
		"created_at": t.CreatedMS, "updated_at": t.updatedMS(ph),
	}
	switch ph {
	case queued:
	case running, odd:
		data["task_result"] = object{}
	case failed:
		data["task_status_msg"] = klingFailure(t)
	case succeeded:
		links, err := c.links(t)
		if err != nil {
			return nil, err
		}
		data["task_result"] = object{"videos": klingVideos(t, links)}
		data["watermark_info"] = object{"enabled": t.Watermark}
		data["final_unit_deduction"] = strconv.FormatFloat(t.Cost, 'f', -1, 64)
	}
	return data, nil
}

func klingVideos(t *task, links []string) []object {
	videos := []object{}
	for i, link := range links {
		v := object{
			"id":       fmt.Sprintf("sbx-video-%s-%d", digest([]byte(t.ID))[:12], i+1),
			"url":      link,
			"duration": strconv.FormatFloat(t.Seconds, 'f', 3, 64),
		}
		if t.Watermark {
			v["watermark_url"] = strings.Replace(link, ".mp4", "-watermark.mp4", 1)
		}
		videos = append(videos, v)
	}
	return videos
}

func klingWord(ph phase) string {
	switch ph {
	case queued:
		return "submitted"
	case running:
		return "processing"
	case odd:
		return "upscaling"
	case succeeded:
		return "succeed"
	case failed:
		return "failed"
	}
	return ""
}

func klingFailure(t *task) string {
	switch {
	case t.Unreadable:
		return "Failed to download the image"
	case t.Scenario.Name == "moderated":
		return "Failure to pass the risk control system"
	default:
		return "Internal error, the video was not generated"
	}
}
