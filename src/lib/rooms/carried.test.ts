import { expect, test } from 'vitest';
import { CarriedCall } from './carried.ts';

const choice = { microphone: true, camera: false, microphoneId: null, cameraId: null };

test('whoever is in the call of a lesson takes it along into a group, with the microphone as it is, and back', () => {
	const carried = new CarriedCall();
	expect(carried.take('lesson', 'group')).toBeNull();
	carried.hold('lesson', 'lesson', choice);
	carried.hold('lesson', 'lesson', { ...choice, microphone: false });
	expect(carried.take('lesson', 'group')).toEqual({ ...choice, microphone: false });
	carried.hold('lesson', 'group', choice);
	expect(carried.take('lesson', 'lesson')).toEqual(choice);
});

test('nothing is taken into the same room again, into another lesson, or after one hung up', () => {
	const carried = new CarriedCall();
	carried.hold('lesson', 'lesson', choice);
	expect(carried.take('lesson', 'lesson')).toBeNull();
	expect(carried.take('another', 'group')).toBeNull();
	// A page that is left says so late: it is the call of the next one by then.
	carried.drop('group');
	expect(carried.take('lesson', 'group')).toEqual(choice);
	expect(carried.hasHungUp('lesson')).toBe(false);
	carried.drop('lesson');
	expect(carried.take('lesson', 'group')).toBeNull();
	expect([carried.hasHungUp('lesson'), carried.hasHungUp('another')]).toEqual([true, false]);
	carried.hold('lesson', 'group', choice);
	expect(carried.hasHungUp('lesson')).toBe(false);
});

test('one knows from which room of the lesson one comes', () => {
	const carried = new CarriedCall();
	expect(carried.enter('lesson', 'lesson')).toBeNull();
	expect(carried.enter('lesson', 'group')).toBe('lesson');
	expect(carried.enter('lesson', 'other group')).toBe('group');
	expect(carried.enter('another', 'another')).toBeNull();
});
